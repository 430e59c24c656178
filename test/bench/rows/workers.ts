import { sluiceOf } from "../contestants.ts";
import { batchOf } from "../event.ts";
import { withFleet } from "../fleet.ts";
import { WORKER_COUNTS, WORKERS_EVENTS, WORKERS_LATENCY_MS } from "../limits.ts";
import { quantile } from "../quantile.ts";
import type { Row } from "../row.ts";
import { drained, expectBatch, sendBatch } from "../sending.ts";
import { runSluice } from "../sluice.ts";
import { NOW } from "../tree.ts";
import { withDestination } from "../with-destination.ts";

/**
 * How much more several workers write than one, towards a destination that takes its time. All events are pending, and all workers ready, when an
 * operator's hold of the destination ends.
 */
export const workers: Row = {
  name: "workers",
  title: `${WORKER_COUNTS.join(", ")} workers, 16 requests in flight each, ${WORKERS_LATENCY_MS} ms an answer`,
  always: false,
  async measure({ rounds = 1, nodeOptions, progress }) {
    const perSecond = new Map<number, number[]>();
    for (let round = 1; round <= rounds; round += 1) {
      for (const count of WORKER_COUNTS) {
        const batch = batchOf(`workers-${count}-${round}`, WORKERS_EVENTS);
        const measured = await withDestination(WORKERS_LATENCY_MS, async (destination) => {
          const settings = { nodeOptions, destinationUrl: destination.url, configuration: "sixteen.yaml" };
          return await withFleet(sluiceOf(NOW), settings, async ({ door, redis, surroundings, startWorker }) => {
            await runSluice(NOW, ["hold", "crm"], surroundings);
            await Promise.all(Array.from({ length: count }, startWorker));
            await expectBatch(destination, "records", batch);
            await sendBatch(door.url, batch);
            await redis.understood();
            await runSluice(NOW, ["resume", "crm"], surroundings);
            const { firstCallAt, drainedAt, maxInFlight } = await drained(destination);
            progress(`${count} workers: at most ${maxInFlight} requests in flight`);
            return (batch.events * 1000) / (drainedAt - firstCallAt);
          });
        });
        perSecond.set(count, [...(perSecond.get(count) ?? []), measured]);
      }
    }
    const one = quantile(perSecond.get(WORKER_COUNTS[0])!, 0.5);
    const notes = [...perSecond].map(([count, each]) => {
      const middle = quantile(each, 0.5);
      return `${count} workers: ${middle.toFixed(0)} records/s, ${(middle / one).toFixed(2)} times one worker's; at ${WORKERS_LATENCY_MS} ms they can't be more than ${(count * 16 * 1000) / WORKERS_LATENCY_MS}`;
    });
    return { findings: [], notes };
  },
};
