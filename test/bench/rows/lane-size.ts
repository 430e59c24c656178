import { openBenchLane, type BenchLane } from "../bench-lane.ts";
import { sluiceOf } from "../contestants.ts";
import { LANE_SIZE_RECORDS, LANE_SIZE_ROUNDS, LANE_SIZES } from "../limits.ts";
import { quantile } from "../quantile.ts";
import type { Row } from "../row.ts";
import { startBenchRedis, type BenchRedis } from "../server.ts";
import { NOW } from "../tree.ts";

const FIELDS = 4;
const MERGED_AT_ONCE = 1000;

type Cost = { readonly admitted: number; readonly claimed: number };

/** Redis' processor time of an admission, and of a claim with its settlement, in a lane of a thousand pending records and in one of a million. */
export const laneSize: Row = {
  name: "lane-size",
  title: "Redis' processor time of an admission and of a claim, by how many records are pending",
  always: false,
  async measure({ rounds = LANE_SIZE_ROUNDS, events: most = LANE_SIZES.at(-1)!, progress }) {
    const costs: Cost[] = [];
    const notes: string[] = [];
    for (const pending of LANE_SIZES.map((size) => Math.min(size, most))) {
      const redis = await startBenchRedis(sluiceOf(NOW).redisSettings);
      try {
        const bench = await openBenchLane(redis);
        for (let done = 0; done < pending; done += MERGED_AT_ONCE) {
          await bench.merge(numbers(done, Math.min(MERGED_AT_ONCE, pending - done)), FIELDS);
        }
        const all: Cost[] = [];
        for (let round = 0; round < rounds; round += 1) {
          all.push(await costOf(redis, bench, pending + round * LANE_SIZE_RECORDS));
        }
        await bench.close();
        const middle = (of: (cost: Cost) => number): number => quantile(all.map(of), 0.5);
        const cost = { admitted: middle(({ admitted }) => admitted), claimed: middle(({ claimed }) => claimed) };
        costs.push(cost);
        notes.push(
          `${pending} pending: admitted ${cost.admitted.toFixed(0)} µs, claimed and settled ${cost.claimed.toFixed(0)} µs`,
        );
        progress(notes.at(-1)!);
      } finally {
        await redis.stop();
      }
    }
    const [few, many] = [costs[0]!, costs.at(-1)!];
    const ratio = (of: (cost: Cost) => number): string => (of(many) / of(few)).toFixed(2);
    notes.push(
      `the most / the fewest: admitted ${ratio(({ admitted }) => admitted)}, claimed ${ratio(({ claimed }) => claimed)}; allowed 1.3`,
    );
    return { findings: [], notes };
  },
};

/** So many new records are admitted, and as many of the oldest are claimed one by one and settled: the lane stays as large as it was. */
async function costOf(redis: BenchRedis, bench: BenchLane, from: number): Promise<Cost> {
  const begun = await redis.processorMicros();
  await bench.merge(numbers(from, LANE_SIZE_RECORDS), FIELDS);
  const admitted = await redis.processorMicros();
  for (let done = 0; done < LANE_SIZE_RECORDS; done += 1) {
    const [claim] = await bench.claim(1, 1);
    if (claim === undefined) throw new Error("nothing was claimed");
    await bench.lane.settleFields(claim);
  }
  const claimed = await redis.processorMicros();
  return { admitted: (admitted - begun) / LANE_SIZE_RECORDS, claimed: (claimed - admitted) / LANE_SIZE_RECORDS };
}

function numbers(from: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => from + at);
}
