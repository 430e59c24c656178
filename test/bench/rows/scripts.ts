import { openBenchLane, type BenchLane } from "../bench-lane.ts";
import { sluiceOf } from "../contestants.ts";
import { SCRIPT_RECORDS, SCRIPT_ROUNDS } from "../limits.ts";
import { quantile } from "../quantile.ts";
import type { Row } from "../row.ts";
import { startBenchRedis, type BenchRedis } from "../server.ts";
import { NOW } from "../tree.ts";

/** Fields of a record; 199 and its name are as many as a wide table of an ERP has. */
const WIDTHS = [6, 199];
const BATCH = 100;

/**
 * How long one script holds Redis when a full group goes the whole way: merged at once, claimed for two jobs, announced, given back, claimed
 * again, settled at once. A busy machine stretches what the slow log says of single scripts, so Redis' processor time is told beside it, which it
 * does not: of a step's scripts at the mean, commands and answers among it.
 */
export const scripts: Row = {
  name: "scripts",
  title: "How long one script holds Redis",
  always: false,
  async measure({ rounds = SCRIPT_ROUNDS, progress }) {
    const notes: string[] = [];
    for (const fields of WIDTHS) {
      const measured = new Map<string, Measured[]>();
      const redis = await startBenchRedis(sluiceOf(NOW).redisSettings);
      try {
        const bench = await openBenchLane(redis);
        for (let round = 0; round < rounds; round += 1) {
          for (const [step, each] of await measureSteps(redis, bench, fields)) {
            measured.set(step, [...(measured.get(step) ?? []), each]);
          }
        }
        await bench.close();
      } finally {
        await redis.stop();
      }
      for (const [step, all] of measured) {
        const of = (pick: (each: Measured) => number): string => quantile(all.map(pick), 0.5).toFixed(1);
        const longest = Math.min(...all.map(({ longestMs }) => longestMs)).toFixed(1);
        notes.push(
          `${SCRIPT_RECORDS} records of ${fields} fields ${step}, scripts ${of(({ count }) => count)}: ${of(({ meanMs }) => meanMs)} ms of a processor each; the longest by the slow log ${longest} ms, in the best round`,
        );
        progress(notes.at(-1)!);
      }
    }
    return { findings: [], notes };
  },
};

type Measured = { readonly count: number; readonly meanMs: number; readonly longestMs: number };

async function measureSteps(
  { client, processorMicros }: BenchRedis,
  bench: BenchLane,
  fields: number,
): Promise<ReadonlyMap<string, Measured>> {
  const { lane } = bench;
  const measured = new Map<string, Measured>();
  await client.config("SET", "slowlog-log-slower-than", "0");
  await client.config("SET", "slowlog-max-len", "100000");
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    await client.slowlog("RESET");
    const before = await processorMicros();
    const done = await work();
    const spentMs = ((await processorMicros()) - before) / 1000;
    const rows = (await client.slowlog("GET", 100_000)) as [number, number, number, string[]][];
    const scripted = rows.filter(([, , , [command = ""]]) => command.toLowerCase().startsWith("eval"));
    const longestMs = Math.max(...scripted.map(([, , micros]) => micros)) / 1000;
    measured.set(name, { count: scripted.length, meanMs: spentMs / scripted.length, longestMs });
    return done;
  };
  const claimAll = async (): Promise<ReturnType<BenchLane["claim"]>> => {
    const all = [...(await bench.claim(SCRIPT_RECORDS / BATCH, BATCH))];
    while (all.length < SCRIPT_RECORDS) {
      const more = await bench.claim(SCRIPT_RECORDS / BATCH, BATCH);
      if (more.length === 0) throw new Error(`${all.length} records claimed of ${SCRIPT_RECORDS}`);
      all.push(...more);
    }
    return all;
  };
  const records = Array.from({ length: SCRIPT_RECORDS }, (_, record) => record);
  await step("merged", async () => await bench.merge(records, fields));
  await step("merged again", async () => await bench.merge(records, fields));
  const claims = await step("claimed", claimAll);
  const job = claims.slice(0, BATCH);
  await step("announced", async () => await lane.announceJob(job, 600_000));
  await step("named in a job", async () => await lane.extend(job, 600_000, "job-1"));
  await step("merged in flight", async () => await bench.merge(records, fields));
  const spent = { spent: true, why: "no answer" } as const;
  await step("given back", async () => await Promise.all(claims.map(async (each) => await lane.wait(each, 0, spent))));
  const again = await step("claimed again", claimAll);
  await step("settled", async () => await Promise.all(again.map(async (each) => await lane.settleFields(each))));
  return measured;
}
