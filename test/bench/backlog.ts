import type { Child } from "./child.ts";
import { CONTESTANTS, type Contestant, type Surroundings } from "./contestants.ts";
import { drained, expectBatch, sendBatch } from "./sending.ts";
import type { BenchRedis } from "./server.ts";

/** What a backlog came to, that was there when the worker began. */
type Drain = { readonly perSecond: number; readonly calls: number; readonly wrong: number };

/** Draining alone: a backlog is taken in by the door before the worker starts. */
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
    const measured = new Map<string, readonly Drain[]>();
    for (const contestant of CONTESTANTS.filter(({ startDoor }) => startDoor !== undefined)) {
      measured.set(
        contestant.letter,
        await measure(contestant, redis, destination, surroundings, { events, round, shapes }),
      );
      process.stderr.write(`backlog, round ${round}, (${contestant.letter}) done\n`);
    }
    const [hand, ours] = [measured.get("b")!, measured.get("c")!];
    for (const [at, shape] of shapes.entries()) {
      const [b, c] = [hand[at]!, ours[at]!];
      lines.push(
        `round ${round}, ${shape} event(s) per record: (b) ${b.perSecond.toFixed(0)}/s in ${b.calls} calls, ` +
          `(c) ${c.perSecond.toFixed(0)}/s in ${c.calls} calls, ${c.wrong} records wrong`,
      );
      note(ratios, `drained/s, ${shape} event(s) per record`, c.perSecond / b.perSecond);
      note(ratios, `calls, ${shape} event(s) per record`, c.calls / b.calls);
    }
  }
  const summary = [...ratios].map(
    ([what, all]) => `(c) / (b), ${what}: ${all.map((each) => each.toFixed(2)).join(", ")}`,
  );
  return ["A backlog", ...lines, "", ...summary].join("\n");
}

async function measure(
  contestant: Contestant,
  redis: BenchRedis,
  destination: Child,
  surroundings: Surroundings,
  { events, round, shapes }: { events: number; round: number; shapes: readonly number[] },
): Promise<readonly Drain[]> {
  const drains: Drain[] = [];
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
    } finally {
      await door.stop();
    }
  }
  return drains;
}

function note(ratios: Map<string, number[]>, what: string, ratio: number): void {
  ratios.set(what, [...(ratios.get(what) ?? []), ratio]);
}
