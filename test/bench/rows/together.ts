import { sluiceOf, type Contestant } from "../contestants.ts";
import { batchOf } from "../event.ts";
import { withFleet } from "../fleet.ts";
import { withFolder } from "../folder.ts";
import { load, requireWrk, writeEvents } from "../generator.ts";
import { GENERATED_EVENTS, ROUNDS, TOGETHER_SECONDS, WARM_UP_REQUESTS } from "../limits.ts";
import { processorMicros } from "../processor.ts";
import { inTurn, mediansOf, ratiosOf } from "../rounds.ts";
import type { Row } from "../row.ts";
import { expectBatch, written } from "../sending.ts";
import { NOW } from "../tree.ts";
import { withDestination } from "../with-destination.ts";

export type Measured = {
  readonly appliedPerSecond: number;
  readonly acceptedPerSecond: number;
  readonly doorMicros: number;
  readonly workerMicros: number;
  readonly redisMicros: number;
};

/** Measures a contestant's door and worker at once, every event another record, at a destination that answers at once. */
export async function withTogether<Result>(
  nodeOptions: readonly string[],
  use: (measure: (contestant: Contestant) => Promise<Measured>) => Promise<Result>,
): Promise<Result> {
  requireWrk();
  return await withFolder(
    async (folder) =>
      await withDestination(0, async (destination) => {
        const warmUp = await writeEvents(folder, batchOf("warm-up", 2 * WARM_UP_REQUESTS));
        const batch = batchOf("together", GENERATED_EVENTS);
        const events = await writeEvents(folder, batch);
        return await use(
          async (contestant) =>
            await withFleet(contestant, { nodeOptions, destinationUrl: destination.url }, async (fleet) => {
              const { door, redis } = fleet;
              const worker = await fleet.startWorker();
              let sent = 0;
              while (sent < WARM_UP_REQUESTS) sent += (await load(door.url, warmUp, 1, sent)).accepted;
              await redis.settled();
              await expectBatch(destination, "records", batch);
              const times = async () =>
                [processorMicros(door.pid), processorMicros(worker.pid), await redis.processorMicros()] as const;
              const before = await times();
              const { startedAt, perSecond } = await load(door.url, events, TOGETHER_SECONDS);
              await redis.settled();
              const after = await times();
              const { records, lastAt } = await written(destination);
              const [doorMicros, workerMicros, redisMicros] = after.map((each, at) => (each - before[at]!) / records);
              return {
                appliedPerSecond: (records * 1000) / (lastAt - startedAt),
                acceptedPerSecond: perSecond,
                doorMicros: doorMicros!,
                workerMicros: workerMicros!,
                redisMicros: redisMicros!,
              };
            }),
        );
      }),
  );
}

/** Events by the time from the first request to the last record's write. */
export const together: Row = {
  name: "together",
  title: "Accepted and applied, door and worker together, zero-latency destination",
  always: true,
  measure: async ({ today, rounds = ROUNDS, nodeOptions, progress }) =>
    await withTogether(nodeOptions, async (measure) => {
      const measured = await inTurn(rounds, [sluiceOf(today()), sluiceOf(NOW)], measure, progress);
      const applied = (each: Measured): number => each.appliedPerSecond;
      return {
        findings: [
          {
            ratio: "accepted and applied/s, door and worker together / today's",
            target: "≥ 2",
            today: null,
            now: ratiosOf(measured.now, measured.today, applied),
            medians: mediansOf(measured, applied, "/s"),
          },
        ],
        notes: [
          `Accepted meanwhile: ${mediansOf(measured, (each) => each.acceptedPerSecond, "/s")}`,
          ...partsOf(measured),
        ],
      };
    }),
};

/** The processor time of an event in each process, in words. */
export function partsOf(measured: { readonly [name: string]: readonly Measured[] }): readonly string[] {
  const parts = [
    ["door", (each: Measured) => each.doorMicros],
    ["worker", (each: Measured) => each.workerMicros],
    ["Redis", (each: Measured) => each.redisMicros],
  ] as const;
  return parts.map(([part, of]) => `Processor time, ${part}: ${mediansOf(measured, of, "µs an event")}`);
}
