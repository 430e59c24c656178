import { startCluster, type RedisCluster } from "../../redis-cluster.ts";
import { findRedisPrograms, NO_PROGRAM } from "../../redis-programs.ts";
import { openBenchLane } from "../bench-lane.ts";
import { SPREAD_LANES, SPREAD_RECORDS, SPREAD_ROUNDS } from "../limits.ts";
import type { Row } from "../row.ts";
import { redisProcessorMicros } from "../server.ts";

const FIELDS = 6;
const REQUESTS = 64;

/**
 * The processor time of each server of a cluster when the records of one destination go the whole way: merged, claimed one by one, settled.
 * With one lane one server has all of it. Events a second would say nothing where all servers share two cores.
 */
export const lanes: Row = {
  name: "lanes",
  title: "One destination on the servers of a cluster",
  always: false,
  async measure({ rounds = SPREAD_ROUNDS, progress }) {
    const programs = await findRedisPrograms();
    if (programs === null) throw new Error(NO_PROGRAM);
    const notes: string[] = [];
    try {
      const cluster = await startCluster(programs);
      for (const count of SPREAD_LANES) {
        const spent = await measureLanes(cluster, count, rounds);
        const all = spent.reduce((sum, each) => sum + each, 0);
        const told = spent.map((each) => each.toFixed(0)).join(", ");
        notes.push(
          `${count} lanes: ${all.toFixed(0)} µs of the servers a record (${told}); the fullest has ${((Math.max(...spent) / all) * 100).toFixed(0)} % of it`,
        );
        progress(notes.at(-1)!);
      }
    } finally {
      await programs.stop();
    }
    return { findings: [], notes };
  },
};

/** @returns processor time of each server for a record (µs), without what it spends while nothing is done */
async function measureLanes(cluster: RedisCluster, count: number, rounds: number): Promise<readonly number[]> {
  const masters = cluster.servers.slice(0, 3);
  for (const { admin } of masters) await admin.flushall();
  const bench = await openBenchLane(cluster, count);
  const records = Array.from({ length: SPREAD_RECORDS }, (_, at) => at);
  const round = async (): Promise<void> => {
    await bench.merge(records, FIELDS);
    for (let written = 0; written < SPREAD_RECORDS;) {
      const claims = await bench.claim(REQUESTS, 1);
      if (claims.length === 0) throw new Error(`${written} records claimed of ${SPREAD_RECORDS}`);
      await Promise.all(claims.map(async (claim) => await bench.lane.settleFields(claim)));
      written += claims.length;
    }
  };
  const micros = async (): Promise<readonly number[]> =>
    await Promise.all(masters.map(async ({ admin }) => await redisProcessorMicros(admin)));
  try {
    await round();
    const before = await micros();
    for (let at = 0; at < rounds; at += 1) await round();
    const after = await micros();
    return after.map((each, at) => (each - before[at]!) / (rounds * SPREAD_RECORDS));
  } finally {
    await bench.close();
  }
}
