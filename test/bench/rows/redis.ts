import type { Child } from "../child.ts";
import { sluiceOf, type Contestant } from "../contestants.ts";
import { batchOf, type Batch } from "../event.ts";
import { withFleet } from "../fleet.ts";
import { EVENTS_PER_RECORD, REDIS_EVENTS, ROUNDS, WARM_UP_EVENTS } from "../limits.ts";
import { inTurn, mediansOf, ratiosOf } from "../rounds.ts";
import type { Bench, Finding, Row } from "../row.ts";
import { sendBatch } from "../sending.ts";
import { meanGroup } from "../server.ts";
import { NOW } from "../tree.ts";
import { withDestination } from "../with-destination.ts";

type Shape = { readonly title: string; readonly target: string; readonly batch: Batch; readonly fences?: false };
type Measured = { readonly redisMicros: number; readonly group?: number };

const RECORDS = REDIS_EVENTS / EVENTS_PER_RECORD;

const SHAPES: readonly Shape[] = [
  { title: "every event another record", target: "≤ 0.6", batch: batchOf("each", REDIS_EVENTS) },
  {
    title: "every event another record, no token is checked",
    target: "",
    batch: batchOf("unfenced", REDIS_EVENTS),
    fences: false,
  },
  {
    title: `${EVENTS_PER_RECORD} events per record, one after the other`,
    target: "≤ 0.3",
    batch: batchOf("row", REDIS_EVENTS, { records: RECORDS, order: "row" }),
  },
  {
    title: `${EVENTS_PER_RECORD} events per record, going round ${RECORDS} records`,
    target: "",
    batch: batchOf("round", REDIS_EVENTS, { records: RECORDS }),
  },
];

/** Redis' processor time from a webhook's arrival until its record is settled, while door and worker are busy. */
export const redis: Row = {
  name: "redis",
  title: "Redis' processor time per event, door to settle, zero-latency destination",
  always: true,
  measure: async (bench) => {
    const findings: Finding[] = [];
    for (const shape of SHAPES) {
      const measure = async (destination: Child): Promise<Finding> => await measureShape(shape, destination, bench);
      findings.push(await withDestination(0, measure, { fences: shape.fences ?? true }));
    }
    return { findings };
  },
};

async function measureShape(
  { title, target, batch }: Shape,
  destination: Child,
  { today, rounds = ROUNDS, nodeOptions, progress }: Bench,
): Promise<Finding> {
  const measure = async (contestant: Contestant): Promise<Measured> =>
    await withFleet(contestant, { nodeOptions, destinationUrl: destination.url }, async (fleet) => {
      await fleet.startWorker();
      await sendBatch(fleet.door.url, batchOf("warm-up", WARM_UP_EVENTS));
      await fleet.redis.settled();
      const before = await fleet.redis.processorMicros();
      await sendBatch(fleet.door.url, batch);
      await fleet.redis.settled();
      const redisMicros = ((await fleet.redis.processorMicros()) - before) / batch.events;
      const group = await meanGroup(fleet.redis, batch.events + WARM_UP_EVENTS);
      return { redisMicros, ...(group === null ? {} : { group }) };
    });
  progress(title);
  const measured = await inTurn(rounds, [sluiceOf(today()), sluiceOf(NOW)], measure, progress);
  const micros = (each: Measured): number => each.redisMicros;
  const groups = measured.now.flatMap(({ group }) => group ?? []);
  const grouped = groups.length === 0 ? "" : `; groups of ${Math.min(...groups).toFixed(0)} and more`;
  return {
    ratio: `Redis' processor time per event, ${title} / today's`,
    target,
    today: null,
    now: ratiosOf(measured.now, measured.today, micros),
    medians: `${mediansOf(measured, micros, "µs")}${grouped}`,
  };
}
