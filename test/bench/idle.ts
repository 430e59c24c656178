import type { Child } from "./child.ts";
import { CONTESTANTS, type Contestant, type Door, type Surroundings } from "./contestants.ts";
import { IDLE_EVENTS, WARM_UP_EVENTS } from "./limits.ts";
import { quantile } from "./quantile.ts";
import { drained, expectBatch, sendBatch } from "./sending.ts";
import type { BenchRedis } from "./server.ts";

/** Latencies of one round in the order they were measured, milliseconds. */
type Latencies = { readonly [letter: string]: number[] };

/**
 * From sending one webhook to the end of its record's write, when nothing else is going on. The contestants stand side by
 * side and are sent one in turn, so that whatever the machine does in between meets them alike.
 */
export async function benchIdle(
  redis: BenchRedis,
  destination: Child,
  surroundings: Surroundings,
  { rounds }: { readonly rounds: number },
): Promise<string> {
  const lines: string[] = [];
  const ratios: { p50: number[]; p99: number[] } = { p50: [], p99: [] };
  for (let round = 1; round <= rounds; round += 1) {
    await redis.empty();
    const measured = await measure(destination, surroundings, round);
    const [b, c] = [measured["b"]!, measured["c"]!].map((all) => ({
      p50: quantile(all, 0.5),
      p99: quantile(all, 0.99),
    }));
    for (const each of ["p50", "p99"] as const) ratios[each].push(c![each] / b![each]);
    const shown = ({ p50, p99 }: { p50: number; p99: number }): string =>
      `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
    lines.push(`round ${round}: (b) ${shown(b!)}; (c) ${shown(c!)}`);
    process.stderr.write(`idle, round ${round} done\n`);
  }
  const summary = Object.entries(ratios).map(
    ([which, all]) => `(c) / (b), ${which}: ${all.map((each) => each.toFixed(2)).join(", ")}`,
  );
  return ["From webhook to record, idle", ...lines, "", ...summary].join("\n");
}

async function measure(destination: Child, surroundings: Surroundings, round: number): Promise<Latencies> {
  const latencies: Latencies = { b: [], c: [] };
  const open: { contestant: Contestant; door: Door }[] = [];
  try {
    for (const contestant of CONTESTANTS) {
      if (contestant.startDoor === undefined) continue;
      const door = await contestant.startDoor(surroundings);
      open.push({ contestant, door });
      await door.startWorker();
      const events = WARM_UP_EVENTS;
      const warmUp = { name: `idle${round}-warm-up`, events, records: events, signedAtMs: Date.now() };
      await expectBatch(destination, contestant, warmUp);
      await sendBatch(door.url, warmUp);
      await drained(destination);
    }
    for (let number = 0; number < IDLE_EVENTS; number += 1) {
      // Who is first changes: the second finds the processors awake.
      for (const { contestant, door } of number % 2 === 0 ? open : open.toReversed()) {
        const batch = { name: `idle${round}n${number}`, events: 1, records: 1, signedAtMs: Date.now() };
        await expectBatch(destination, contestant, batch);
        const { startedAt } = await sendBatch(door.url, batch);
        const { drainedAt } = await drained(destination);
        latencies[contestant.letter]!.push(drainedAt - startedAt);
      }
    }
  } finally {
    for (const { door } of open) await door.stop();
  }
  return latencies;
}
