import { BARE, BY_HAND, sluiceOf, type Contestant } from "../contestants.ts";
import { batchOf } from "../event.ts";
import { withFleets, type Fleet } from "../fleet.ts";
import { load, requireWrk, writeEvents, type Events } from "../generator.ts";
import { DOOR_SLICE_SECONDS, DOOR_SLICES, GENERATED_EVENTS, ROUNDS, WARM_UP_REQUESTS } from "../limits.ts";
import { processorMicros } from "../processor.ts";
import { mediansOf, ratiosOf, shown } from "../rounds.ts";
import type { Row } from "../row.ts";
import { withFolder } from "../folder.ts";
import { median } from "../quantile.ts";
import { NOW } from "../tree.ts";

type Measured = {
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly doorMicros: number;
  readonly redisMicros: number;
};

/** Doors with their workers stopped, one loaded at a time: how many webhooks each takes in, and its processor time. */
export const door: Row = {
  name: "door",
  title: "One door, workers stopped",
  always: true,
  async measure({ today, rounds = ROUNDS, nodeOptions, progress }) {
    requireWrk();
    return await withFolder(async (folder) => {
      const events = await writeEvents(folder, batchOf("door", GENERATED_EVENTS));
      const contestants = [BARE, BY_HAND, sluiceOf(today()), sluiceOf(NOW)];
      const measured = Object.fromEntries(contestants.map(({ name }) => [name, [] as Measured[]])) as Record<
        Contestant["name"],
        Measured[]
      >;
      for (let round = 1; round <= rounds; round += 1) {
        await withFleets(contestants, { nodeOptions, destinationUrl: NOWHERE }, async (fleets) => {
          const sides = fleets.map(({ contestant: { name }, fleet }) => ({
            name,
            fleet,
            sent: 0,
            slices: [] as Slice[],
          }));
          const loadOne = async (side: (typeof sides)[number]): Promise<Slice> => {
            const slice = await measureSlice(side.fleet, events, side.sent);
            side.sent += slice.accepted;
            return slice;
          };
          for (const side of sides) while (side.sent < WARM_UP_REQUESTS) await loadOne(side);
          for (let slice = 0; slice < DOOR_SLICES; slice += 1) {
            for (const side of slice % 2 === 0 ? sides : sides.toReversed()) side.slices.push(await loadOne(side));
          }
          for (const { name, slices } of sides) {
            measured[name].push(together(slices));
            progress(`round ${round} of ${rounds}, ${name}: ${shown(measured[name].at(-1))}`);
          }
        });
      }
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

/** Some seconds of load, in turn with those of the others: other work of the machine meets them alike. */
type Slice = {
  readonly accepted: number;
  readonly seconds: number;
  readonly p99Ms: number;
  readonly doorMicros: number;
  readonly redisMicros: number;
};

async function measureSlice({ door: { url, pid }, redis }: Fleet, events: Events, from: number): Promise<Slice> {
  const before = [processorMicros(pid), await redis.processorMicros()] as const;
  const { accepted, perSecond, p99Ms } = await load(url, events, DOOR_SLICE_SECONDS, from);
  const doorMicros = processorMicros(pid) - before[0];
  const redisMicros = (await redis.processorMicros()) - before[1];
  return { accepted, seconds: accepted / perSecond, p99Ms, doorMicros, redisMicros };
}

function together(slices: readonly Slice[]): Measured {
  const accepted = sum(slices, (slice) => slice.accepted);
  return {
    perSecond: accepted / sum(slices, ({ seconds }) => seconds),
    p99Ms: median(slices.map(({ p99Ms }) => p99Ms)),
    doorMicros: sum(slices, ({ doorMicros }) => doorMicros) / accepted,
    redisMicros: sum(slices, ({ redisMicros }) => redisMicros) / accepted,
  };
}

function sum(slices: readonly Slice[], of: (slice: Slice) => number): number {
  return slices.reduce((all, slice) => all + of(slice), 0);
}

/** The destination's address. Nobody calls it: there is no worker. */
const NOWHERE = "http://127.0.0.1:9";
