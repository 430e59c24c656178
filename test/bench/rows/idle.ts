import type { Child } from "../child.ts";
import { BY_HAND, sluiceOf, type Contestant } from "../contestants.ts";
import { batchOf } from "../event.ts";
import { withFleets } from "../fleet.ts";
import { IDLE_EVENTS, LATENCY_MS, ROUNDS, WARM_UP_EVENTS } from "../limits.ts";
import { quantile } from "../quantile.ts";
import { mediansOf, ratiosOf } from "../rounds.ts";
import type { Row } from "../row.ts";
import { drained, expectBatch, sendBatch } from "../sending.ts";
import { NOW } from "../tree.ts";
import { withDestination } from "../with-destination.ts";

type Quantiles = { readonly p50: number; readonly p99: number };
type Side = { readonly contestant: Contestant; readonly url: string };

/**
 * The time from sending one webhook to the end of its record's write, when nothing else is going on. The contestants stand side by
 * side and are sent one in turn, so that other work of the machine in between meets them alike.
 */
export const idle: Row = {
  name: "idle",
  title: `Idle, from webhook to record, destination answers after ${LATENCY_MS} ms`,
  always: true,
  async measure({ today, rounds = ROUNDS, nodeOptions, progress }) {
    const contestants = [BY_HAND, sluiceOf(today()), sluiceOf(NOW)];
    const measured: Record<string, Quantiles[]> = {};
    for (let round = 1; round <= rounds; round += 1) {
      await withDestination(LATENCY_MS, async (destination) => {
        const settings = { nodeOptions, destinationUrl: destination.url };
        const latencies = await withFleets(contestants, settings, async (fleets) => {
          for (const { fleet } of fleets) await fleet.startWorker();
          const sides = fleets.map(({ contestant, fleet }) => ({ contestant, url: fleet.door.url }));
          return await turns(sides, destination);
        });
        for (const [name, all] of latencies) {
          const quantiles = { p50: quantile(all, 0.5), p99: quantile(all, 0.99) };
          (measured[name] ??= []).push(quantiles);
          progress(`round ${round} of ${rounds}, ${name}: ${quantiles.p50.toFixed(2)}, ${quantiles.p99.toFixed(2)} ms`);
        }
      });
    }
    const [hand, before, now] = contestants.map(({ name }) => measured[name] ?? []);
    const findings = (["p50", "p99"] as const).map((which) => ({
      ratio: `idle, webhook to record, ${which} / by hand`,
      target: which === "p50" ? "≤ 1.08" : "≤ 1.2",
      today: ratiosOf(before!, hand!, (each) => each[which]),
      now: ratiosOf(now!, hand!, (each) => each[which]),
      medians: mediansOf(measured, (each) => each[which], "ms"),
    }));
    return { findings };
  },
};

async function turns(sides: readonly Side[], destination: Child): Promise<ReadonlyMap<string, readonly number[]>> {
  const latencies = new Map<string, number[]>(sides.map(({ contestant }) => [contestant.name, []]));
  for (const { contestant, url } of sides) await send(contestant, url, destination, "warm-up", WARM_UP_EVENTS);
  for (let number = 0; number < IDLE_EVENTS; number += 1) {
    // The first contestant changes each time: the second finds the processors awake.
    for (const { contestant, url } of number % 2 === 0 ? sides : sides.toReversed()) {
      latencies.get(contestant.name)!.push(await send(contestant, url, destination, `idle${number}`, 1));
    }
  }
  return latencies;
}

/** Each contestant has records of its own at the one destination that all share. */
async function send(
  { name, startWorker }: Contestant,
  url: string,
  destination: Child,
  batchName: string,
  events: number,
): Promise<number> {
  if (startWorker === null) throw new Error(`${name} passes nothing on`);
  const batch = batchOf(`${batchName}-${name.replace(" ", "-")}`, events);
  await expectBatch(destination, name === "by hand" ? "calls" : "records", batch);
  const { startedAt } = await sendBatch(url, batch);
  const { drainedAt } = await drained(destination);
  return drainedAt - startedAt;
}
