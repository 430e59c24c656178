import { sluiceOf } from "../contestants.ts";
import { batchOf } from "../event.ts";
import { withFleet } from "../fleet.ts";
import { PENDING_RECORDS, ROUNDS_OF_BYTES, WARM_UP_EVENTS } from "../limits.ts";
import { inTurn, mediansOf, ratiosOf } from "../rounds.ts";
import type { Row } from "../row.ts";
import { sendBatch } from "../sending.ts";
import { runSluice } from "../sluice.ts";
import { NOW, type Tree } from "../tree.ts";

type Measured = { readonly bytes: number; readonly redisMicros: number };

/** Records of four fields that wait because their destination is held: the bytes that each adds to Redis, its event's id among it. */
export const pending: Row = {
  name: "pending",
  title: "Redis' bytes of a pending record of four fields, destination held",
  always: true,
  async measure({ today, rounds = ROUNDS_OF_BYTES, events = PENDING_RECORDS, nodeOptions, progress }) {
    const batch = batchOf("pending", events);
    const settings = { nodeOptions, destinationUrl: "http://127.0.0.1:9", configuration: "four-fields.yaml" };
    const measure = async (tree: Tree): Promise<Measured> =>
      await withFleet(sluiceOf(tree), settings, async (fleet) => {
        const { redis, door } = fleet;
        await fleet.startWorker();
        await runSluice(tree, ["hold", "crm"], fleet.surroundings);
        await sendBatch(door.url, batchOf("warm-up", WARM_UP_EVENTS));
        await redis.understood();
        const before = [await redis.keptBytes(), await redis.processorMicros()] as const;
        await sendBatch(door.url, batch);
        await redis.understood();
        const after = [await redis.keptBytes(), await redis.processorMicros()] as const;
        const [bytes, redisMicros] = after.map((each, at) => (each - before[at]!) / batch.events);
        return { bytes: bytes!, redisMicros: redisMicros! };
      });
    const measured = await inTurn(rounds, [today(), NOW], measure, progress);
    const bytes = (each: Measured): number => each.bytes;
    const micros = (each: Measured): number => each.redisMicros;
    return {
      findings: [
        {
          ratio: `bytes of a pending record of 4 fields, ${batch.records} of them / today's`,
          target: "≤ 0.6",
          today: null,
          now: ratiosOf(measured.now, measured.today, bytes),
          medians: mediansOf(measured, bytes, "bytes"),
        },
        {
          ratio: "Redis' processor time from the door to pending / today's",
          target: "≤ 1",
          today: null,
          now: ratiosOf(measured.now, measured.today, micros),
          medians: mediansOf(measured, micros, "µs"),
        },
      ],
    };
  },
};
