import { setTimeout as wait } from "node:timers/promises";
import { openQueue } from "@sluice/queue";
import { startChild, type Child } from "./child.ts";
import { CONTESTANTS, type Surroundings } from "./contestants.ts";
import { lastRevision, type Batch } from "./event.ts";
import { DRAIN_DEADLINE_MS, QUOTA_EVENTS, QUOTA_RECORDS } from "./limits.ts";
import { drained, expectBatch, sendBatch } from "./sending.ts";
import type { BenchRedis } from "./server.ts";

type Measured = {
  readonly calls: number;
  readonly mostInAnyMinute: number;
  readonly wrong: number;
  readonly seconds: number;
};

/** Says how scarce calls are. */
const CONFIGURATION = "scarce.yaml";
const TOKEN = "bench";

/** How many calls many events over few records take, where calls are scarce. */
export async function benchQuota(redis: BenchRedis, destination: Child, surroundings: Surroundings): Promise<string> {
  const scarce = { ...surroundings, configuration: CONFIGURATION };
  const lines: string[] = [];
  const run = async (what: string, measure: () => Promise<Measured>): Promise<void> => {
    await redis.empty();
    const { calls, mostInAnyMinute, wrong, seconds } = await measure();
    const most = `at most ${mostInAnyMinute} in any 60 s`;
    lines.push(`${what}: ${calls} calls, ${most}, ${wrong} records wrong, all done in ${seconds.toFixed(0)} s`);
    process.stderr.write(`quota, ${what} done\n`);
  };
  await run("waiting when the worker starts", async () => await drainWaiting(destination, scarce));
  await run("coming in while the worker runs", async () => await drainStream(destination, scarce));
  await run("waiting, towards the stand-in for Zendesk", async () => await drainIntoStandIn(scarce));
  return [`${QUOTA_EVENTS} events over ${QUOTA_RECORDS} records, 700 requests a minute`, ...lines].join("\n");
}

const sluice = CONTESTANTS.find(({ letter }) => letter === "c")!;

function batchOf(name: string): Batch {
  return { name, events: QUOTA_EVENTS, records: QUOTA_RECORDS, signedAtMs: Date.now() };
}

async function drainWaiting(destination: Child, scarce: Surroundings): Promise<Measured> {
  const door = await sluice.startDoor!(scarce);
  try {
    const batch = batchOf("waiting");
    await expectBatch(destination, sluice, batch);
    await sendBatch(door.url, batch);
    await door.startWorker();
    const report = await drained(destination);
    return { ...report, seconds: (report.drainedAt - report.firstCallAt) / 1000 };
  } finally {
    await door.stop();
  }
}

async function drainStream(destination: Child, scarce: Surroundings): Promise<Measured> {
  const door = await sluice.startDoor!(scarce);
  try {
    const batch = batchOf("coming");
    await expectBatch(destination, sluice, batch);
    await door.startWorker();
    const { startedAt } = await sendBatch(door.url, batch);
    const report = await drained(destination);
    return { ...report, seconds: (report.drainedAt - startedAt) / 1000 };
  } finally {
    await door.stop();
  }
}

/** Its calls include every look at a job. */
async function drainIntoStandIn(scarce: Surroundings): Promise<Measured> {
  const standIn = await startChild("stand-in.ts", { configuration: CONFIGURATION, token: TOKEN });
  const door = await sluice.startDoor!({ ...scarce, destinationUrl: standIn.url });
  try {
    const batch = batchOf("stand-in");
    await sendBatch(door.url, batch);
    const startedAt = performance.now();
    await door.startWorker();
    await nothingPending(scarce.redisUrl);
    const seconds = (performance.now() - startedAt) / 1000;
    const { requests } = (await ask(`${standIn.url}/__control`)) as { requests: StandInRequests };
    const wrong = QUOTA_RECORDS - (await rightRecords(standIn.url, lastRevision(batch)));
    return { calls: requests.counted + requests.refused, mostInAnyMinute: requests.mostInAnyMinute, wrong, seconds };
  } finally {
    await door.stop();
    await standIn.stop();
  }
}

type StandInRequests = { readonly counted: number; readonly refused: number; readonly mostInAnyMinute: number };

async function nothingPending(redisUrl: string): Promise<void> {
  const options = { redisUrl, kind: "door", dedupeWindowMs: 0, orderingHorizonMs: 0 } as const;
  const onError = (error: Error): void => console.error(error.message);
  const queue = await openQueue({ ...options, destinations: ["crm"], onError });
  try {
    const deadline = performance.now() + DRAIN_DEADLINE_MS;
    while ((await queue.lane("crm").numbers()).pendingRecords > 0) {
      if (performance.now() > deadline) throw new Error(`still pending after ${DRAIN_DEADLINE_MS} ms`);
      await wait(100);
    }
  } finally {
    await queue.close();
  }
}

async function rightRecords(url: string, revision: number): Promise<number> {
  let right = 0;
  let next: string | null = `${url}/api/v2/custom_objects/customer/records?page[size]=100`;
  while (next !== null) {
    const page = (await ask(next)) as RecordPage;
    right += page.custom_object_records.filter((each) => each.custom_object_fields.revision === revision).length;
    next = page.links.next;
  }
  return right;
}

type RecordPage = {
  readonly custom_object_records: readonly { readonly custom_object_fields: { readonly revision: number } }[];
  readonly links: { readonly next: string | null };
};

async function ask(url: string): Promise<unknown> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return await answer.json();
}
