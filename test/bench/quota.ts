import type { Child } from "./child.ts";
import { CONTESTANTS, type Surroundings } from "./contestants.ts";
import { QUOTA_EVENTS, QUOTA_RECORDS } from "./limits.ts";
import { drained, expectBatch, sendBatch } from "./sending.ts";
import type { BenchRedis } from "./server.ts";

/** How many calls many events over few records take, where calls are scarce: contestants/scarce.yaml says how scarce. */
export async function benchQuota(redis: BenchRedis, destination: Child, surroundings: Surroundings): Promise<string> {
  const lines: string[] = [];
  for (const wait of [true, false]) {
    const { calls, mostInAnyMinute, wrong, seconds } = await measure(redis, destination, surroundings, wait);
    lines.push(
      `${wait ? "waiting when the worker starts" : "coming in while the worker runs"}: ${calls} calls, ` +
        `at most ${mostInAnyMinute} in any 60 s, ${wrong} records wrong, all done in ${seconds.toFixed(0)} s`,
    );
    process.stderr.write(`quota, ${wait ? "waiting" : "coming in"} done\n`);
  }
  return [`${QUOTA_EVENTS} events over ${QUOTA_RECORDS} records, 700 requests a minute`, ...lines].join("\n");
}

async function measure(redis: BenchRedis, destination: Child, surroundings: Surroundings, wait: boolean) {
  const sluice = CONTESTANTS.find(({ letter }) => letter === "c")!;
  await redis.empty();
  const door = await sluice.startDoor!({ ...surroundings, configuration: "scarce.yaml" });
  try {
    const name = wait ? "waiting" : "coming";
    const batch = { name, events: QUOTA_EVENTS, records: QUOTA_RECORDS, signedAtMs: Date.now() };
    await expectBatch(destination, sluice, batch);
    if (!wait) await door.startWorker();
    const { startedAt } = await sendBatch(door.url, batch);
    if (wait) await door.startWorker();
    const report = await drained(destination);
    return { ...report, seconds: (report.drainedAt - (wait ? report.firstCallAt : startedAt)) / 1000 };
  } finally {
    await door.stop();
  }
}
