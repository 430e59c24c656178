import type { Child } from "./child.ts";
import { CONTESTANTS, type Contestant, type Surroundings } from "./contestants.ts";
import { IDLE_EVENTS } from "./limits.ts";
import { quantile } from "./quantile.ts";
import { drained, expectBatch, sendBatch } from "./sending.ts";
import type { BenchRedis } from "./server.ts";

/** What a backlog came to, that was there when the worker began. */
type Drain = { readonly perSecond: number; readonly calls: number; readonly wrong: number };
/** From sending a webhook to the end of its record's write, milliseconds. */
type Idle = { readonly p50Ms: number; readonly p99Ms: number };
type Measured = { readonly drains: readonly Drain[]; readonly idle: Idle };

/**
 * Draining alone, and latency alone: a backlog is taken in by the door before the worker starts, and then, when all is idle,
 * one webhook after the other is sent.
 */
export async function benchBacklog(
  redis: BenchRedis,
  destination: Child,
  surroundings: Surroundings,
  { events, rounds }: { readonly events: number; readonly rounds: number },
): Promise<string> {
  const shapes = [1, 20];
  const lines: string[] = [];
  const ratios = new Map<string, number[]>();
  for (let round = 1; round <= rounds; round += 1) {
    const measured = new Map<string, Measured>();
    for (const contestant of CONTESTANTS.filter(({ startDoor }) => startDoor !== undefined)) {
      measured.set(
        contestant.letter,
        await measure(contestant, redis, destination, surroundings, { events, round, shapes }),
      );
      process.stderr.write(`backlog, round ${round}, (${contestant.letter}) done\n`);
    }
    const [hand, ours] = [measured.get("b")!, measured.get("c")!];
    for (const [at, shape] of shapes.entries()) {
      const [b, c] = [hand.drains[at]!, ours.drains[at]!];
      lines.push(
        `round ${round}, ${shape} event(s) per record: (b) ${b.perSecond.toFixed(0)}/s in ${b.calls} calls, ` +
          `(c) ${c.perSecond.toFixed(0)}/s in ${c.calls} calls, ${c.wrong} records wrong`,
      );
      note(ratios, `drained/s, ${shape} event(s) per record`, c.perSecond / b.perSecond);
      note(ratios, `calls, ${shape} event(s) per record`, c.calls / b.calls);
    }
    lines.push(
      `round ${round}, idle: (b) p50 ${hand.idle.p50Ms.toFixed(1)} ms, p99 ${hand.idle.p99Ms.toFixed(1)} ms; ` +
        `(c) p50 ${ours.idle.p50Ms.toFixed(1)} ms, p99 ${ours.idle.p99Ms.toFixed(1)} ms`,
    );
    note(ratios, "idle latency, p50", ours.idle.p50Ms / hand.idle.p50Ms);
    note(ratios, "idle latency, p99", ours.idle.p99Ms / hand.idle.p99Ms);
  }
  const summary = [...ratios].map(
    ([what, all]) => `(c) / (b), ${what}: ${all.map((each) => each.toFixed(2)).join(", ")}`,
  );
  return ["A backlog, and idle", ...lines, "", ...summary].join("\n");
}

async function measure(
  contestant: Contestant,
  redis: BenchRedis,
  destination: Child,
  surroundings: Surroundings,
  { events, round, shapes }: { events: number; round: number; shapes: readonly number[] },
): Promise<Measured> {
  const drains: Drain[] = [];
  let idle: Idle = { p50Ms: NaN, p99Ms: NaN };
  for (const shape of shapes) {
    await redis.empty();
    const door = await contestant.startDoor!(surroundings);
    try {
      const batch = { name: `b${shape}r${round}`, events, records: events / shape, signedAtMs: Date.now() };
      await expectBatch(destination, contestant, batch);
      await sendBatch(door.url, batch);
      await door.startWorker();
      const { firstCallAt, drainedAt, calls, wrong } = await drained(destination);
      drains.push({ perSecond: (events * 1000) / (drainedAt - firstCallAt), calls, wrong });
      if (shape === shapes.at(-1)) idle = await oneByOne(door.url, destination, contestant);
    } finally {
      await door.stop();
    }
  }
  return { drains, idle };
}

async function oneByOne(url: string, destination: Child, contestant: Contestant): Promise<Idle> {
  const latencies: number[] = [];
  for (let number = 0; number < IDLE_EVENTS; number += 1) {
    const batch = { name: `idle${number}`, events: 1, records: 1, signedAtMs: Date.now() };
    await expectBatch(destination, contestant, batch);
    const { startedAt } = await sendBatch(url, batch);
    const { drainedAt } = await drained(destination, 10_000);
    latencies.push(drainedAt - startedAt);
  }
  return { p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) };
}

function note(ratios: Map<string, number[]>, what: string, ratio: number): void {
  ratios.set(what, [...(ratios.get(what) ?? []), ratio]);
}
