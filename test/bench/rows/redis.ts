import type { Child } from "../child.ts";
import { sluiceOf, type Contestant } from "../contestants.ts";
import { batchOf, type Batch } from "../event.ts";
import { withFleet } from "../fleet.ts";
import { COUNTED_EVENTS, COUNTED_ROUNDS, EVENTS_PER_RECORD, REDIS_EVENTS, ROUNDS, WARM_UP_EVENTS } from "../limits.ts";
import { inTurn, mediansOf, ratiosOf } from "../rounds.ts";
import type { Bench, Finding, Report, Row } from "../row.ts";
import { sendBatch } from "../sending.ts";
import { meanGroup, type BenchRedis } from "../server.ts";
import { NOW } from "../tree.ts";
import { withDestination } from "../with-destination.ts";

type Shape = { readonly title: string; readonly target: string; readonly batch: Batch; readonly fences?: false };
type Measured = { readonly perEvent: number; readonly group?: number };

/** A way of measuring the work of Redis for the events that `work` sends. */
type Measure = {
  readonly words: string;
  readonly unit: string;
  readonly events: number;
  readonly rounds: number;
  readonly counted: boolean;
  spentIn(redis: BenchRedis, work: () => Promise<void>): Promise<number>;
};

const TIME: Measure = {
  words: "Redis' processor time",
  unit: "µs",
  events: REDIS_EVENTS,
  rounds: ROUNDS,
  counted: false,
  async spentIn(redis, work) {
    const before = await redis.processorMicros();
    await work();
    return (await redis.processorMicros()) - before;
  },
};

const INSTRUCTIONS: Measure = {
  words: "Redis' instructions",
  unit: "instructions",
  events: COUNTED_EVENTS,
  rounds: COUNTED_ROUNDS,
  counted: true,
  spentIn: async (redis, work) => await redis.instructions(work),
};

/** Redis' processor time from a webhook's arrival until its record is settled, while door and worker are busy. */
export const redis: Row = {
  name: "redis",
  title: "Redis' processor time per event, door to settle, zero-latency destination",
  always: true,
  measure: async (bench) => await measureShapes(TIME, bench),
};

/** The same in instructions, which neighbours on the machine do not change. */
export const instructions: Row = {
  name: "instructions",
  title: "Redis' instructions per event, door to settle, counted by Valgrind",
  always: false,
  measure: async (bench) => await measureShapes(INSTRUCTIONS, bench),
};

async function measureShapes(measure: Measure, bench: Bench): Promise<Report> {
  const findings: Finding[] = [];
  for (const shape of shapesOf(measure.events)) {
    const measureOne = async (destination: Child): Promise<Finding> =>
      await measureShape(shape, measure, destination, bench);
    findings.push(await withDestination(0, measureOne, { fences: shape.fences ?? true }));
  }
  return { findings };
}

function shapesOf(events: number): readonly Shape[] {
  const records = events / EVENTS_PER_RECORD;
  return [
    { title: "every event another record", target: "≤ 0.6", batch: batchOf("each", events) },
    {
      title: "every event another record, no token is checked",
      target: "",
      batch: batchOf("unfenced", events),
      fences: false,
    },
    {
      title: `${EVENTS_PER_RECORD} events per record, one after the other`,
      target: "≤ 0.3",
      batch: batchOf("row", events, { records, order: "row" }),
    },
    {
      title: `${EVENTS_PER_RECORD} events per record, going round ${records} records`,
      target: "",
      batch: batchOf("round", events, { records }),
    },
  ];
}

async function measureShape(
  { title, target, batch }: Shape,
  { words, unit, counted, rounds, spentIn }: Measure,
  destination: Child,
  bench: Bench,
): Promise<Finding> {
  const { today, nodeOptions, progress } = bench;
  const settings = { nodeOptions, destinationUrl: destination.url, counted };
  const measure = async (contestant: Contestant): Promise<Measured> =>
    await withFleet(contestant, settings, async (fleet) => {
      await fleet.startWorker();
      await sendBatch(fleet.door.url, batchOf("warm-up", WARM_UP_EVENTS));
      await fleet.redis.settled();
      const spent = await spentIn(fleet.redis, async () => {
        await sendBatch(fleet.door.url, batch);
        await fleet.redis.settled();
      });
      const group = await meanGroup(fleet.redis, batch.events + WARM_UP_EVENTS);
      return { perEvent: spent / batch.events, ...(group === null ? {} : { group }) };
    });
  progress(title);
  const measured = await inTurn(bench.rounds ?? rounds, [sluiceOf(today()), sluiceOf(NOW)], measure, progress);
  const perEvent = (each: Measured): number => each.perEvent;
  const groups = measured.now.flatMap(({ group }) => group ?? []);
  const grouped = groups.length === 0 ? "" : `; groups of ${Math.min(...groups).toFixed(0)} and more`;
  return {
    ratio: `${words} per event, ${title} / today's`,
    target,
    today: null,
    now: ratiosOf(measured.now, measured.today, perEvent),
    medians: `${mediansOf(measured, perEvent, unit)}${grouped}`,
  };
}
