import { BARE, BY_HAND, sluiceOf, type Contestant } from "../contestants.ts";
import { batchOf } from "../event.ts";
import { withFleet } from "../fleet.ts";
import { load, requireWrk, writeEvents } from "../generator.ts";
import { DOOR_SECONDS, GENERATED_EVENTS, ROUNDS, WARM_UP_EVENTS, WARM_UP_SECONDS } from "../limits.ts";
import { processorMicros } from "../processor.ts";
import { inTurn, mediansOf, ratiosOf } from "../rounds.ts";
import type { Row } from "../row.ts";
import { withFolder } from "../folder.ts";
import { NOW } from "../tree.ts";

type Measured = {
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly doorMicros: number;
  readonly redisMicros: number;
};

/** One door at a time with its workers stopped: how much it takes in, and the processor time of it. */
export const door: Row = {
  name: "door",
  title: "One door, workers stopped",
  always: true,
  async measure({ today, rounds = ROUNDS, nodeOptions, progress }) {
    requireWrk();
    return await withFolder(async (folder) => {
      const warmUp = await writeEvents(folder, batchOf("warm-up", WARM_UP_EVENTS));
      const events = await writeEvents(folder, batchOf("door", GENERATED_EVENTS));
      const measure = async (contestant: Contestant): Promise<Measured> =>
        await withFleet(contestant, { nodeOptions, destinationUrl: NOWHERE }, async (fleet) => {
          const { url, pid } = fleet.door;
          await load(url, warmUp, WARM_UP_SECONDS);
          const before = [processorMicros(pid), await fleet.redis.processorMicros()] as const;
          const { accepted, perSecond, p99Ms } = await load(url, events, DOOR_SECONDS);
          const after = [processorMicros(pid), await fleet.redis.processorMicros()] as const;
          const [doorMicros, redisMicros] = [0, 1].map((at) => (after[at]! - before[at]!) / accepted);
          return { perSecond, p99Ms, doorMicros: doorMicros!, redisMicros: redisMicros! };
        });
      const measured = await inTurn(rounds, [BARE, BY_HAND, sluiceOf(today()), sluiceOf(NOW)], measure, progress);
      const of = (name: "bare Express" | "by hand", what: (measured: Measured) => number) => ({
        today: ratiosOf(measured.today, measured[name], what),
        now: ratiosOf(measured.now, measured[name], what),
      });
      const perSecond = (each: Measured): number => each.perSecond;
      const p99 = (each: Measured): number => each.p99Ms;
      const micros = (each: Measured): number => each.doorMicros;
      const medians = mediansOf(measured, perSecond, "/s");
      return {
        findings: [
          { ratio: "accepted/s / bare Express", target: "≥ 0.6", ...of("bare Express", perSecond), medians },
          { ratio: "accepted/s / by hand", target: "≥ 1.8", ...of("by hand", perSecond), medians },
          {
            ratio: "p99 of the 202 / by hand",
            target: "≤ 1",
            ...of("by hand", p99),
            medians: mediansOf(measured, p99, "ms"),
          },
          {
            ratio: "door's processor time per webhook / today's",
            target: "≤ 0.3",
            today: null,
            now: ratiosOf(measured.now, measured.today, micros),
            medians: mediansOf(measured, micros, "µs"),
          },
        ],
        notes: [`Redis beside the door: ${mediansOf(measured, (each) => each.redisMicros, "µs a webhook")}`],
      };
    });
  },
};

/** Nobody calls it: there is no worker. */
const NOWHERE = "http://127.0.0.1:9";
