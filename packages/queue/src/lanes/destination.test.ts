import { randomUUID } from "node:crypto";
import { expect, inject, onTestFinished, test } from "vitest";
import { customerEvent } from "../customer-event.fixture.ts";
import { ORDER } from "../claims/claim-order.fixture.ts";
import { connect } from "../connection/connection.ts";
import { openQueue, type Queue } from "../queue.ts";
import type { QueueOptions } from "../queue-options.ts";
import { partTags } from "./tags.ts";

const redisUrl = inject("redisUrl");
const hours = { dedupeWindowMs: 3_600_000, orderingHorizonMs: 3_600_000 };

async function open(namespace: string, kind: QueueOptions["kind"], more: Partial<QueueOptions> = {}): Promise<Queue> {
  const queue = await openQueue({
    redisUrl,
    kind,
    namespace,
    destinations: ["crm"],
    ...hours,
    onError: (error) => console.error(error),
    ...more,
  });
  onTestFinished(async () => await queue.close());
  return queue;
}

async function admit(queue: Queue, count: number): Promise<void> {
  await queue.merging.merge(
    Array.from({ length: count }, (_, at) => customerEvent(1n, { tier: at }, { id: `e${at}`, key: `c-${at}` })),
  );
}

test("a worker begins with the number of the file, a later one has that of Redis and says so, and whoever looks sees all lanes", async () => {
  const namespace = randomUUID();
  const worker = await open(namespace, "worker", { lanes: new Map([["crm", 4]]) });
  await admit(worker, 16);
  const others: unknown[] = [];
  const onLanes = (...told: unknown[]): void => void others.push(told);
  const other = await open(namespace, "worker", { onLanes });
  expect(others).toEqual([["crm", 4, 1]]);
  for (const queue of [worker, other, await open(namespace, "command"), await open(namespace, "door")]) {
    expect((await queue.lane("crm").numbers()).pendingRecords).toBe(16);
    expect(await queue.lane("crm").records.list("pending", 10)).toHaveLength(10);
    expect(await queue.lanes.count("crm")).toBe(4);
    const key = { by: "external_id", value: "c-7" } as const;
    expect((await queue.lane("crm").records.show("customer", key))?.state).toBe("due");
  }
  expect(await worker.lanes.known()).toEqual(["crm"]);
  await worker.lanes.findOld();
  expect(await worker.lanes.known()).toEqual(["crm"]);
  const left = await open(namespace, "command", { destinations: [] });
  expect(await left.lanes.left([])).toMatchObject([{ lane: "crm", pendingRecords: 16 }]);
});

test("what falls due in any lane wakes the workers", async () => {
  const namespace = randomUUID();
  const worker = await open(namespace, "worker", { lanes: new Map([["crm", 4]]) });
  const redis = connect(redisUrl, "worker", () => {});
  onTestFinished(() => redis.disconnect());
  let looks = 0;
  const wakeUps = worker.onWakeUp("crm", () => (looks += 1));
  onTestFinished(() => wakeUps.close());
  for (const tag of partTags(namespace, "crm", 4)) {
    await expect.poll(async () => await redis.publish(`${tag}:bell`, "")).toBe(1);
    const before = looks;
    await redis.publish(`${tag}:bell`, "");
    await expect.poll(() => looks).toBeGreaterThan(before);
  }
});

test("shares are set in every lane, and a state that went back in one of them is known", async () => {
  const namespace = randomUUID();
  const regresses: Error[] = [];
  const lanes = new Map([["crm", 4]]);
  const worker = await open(namespace, "worker", { lanes, onRegress: (error) => void regresses.push(error) });
  const redis = connect(redisUrl, "worker", () => {});
  onTestFinished(() => redis.disconnect());
  await worker.gate("crm").shareOut(new Map([["erp", 2]]));
  const tags = partTags(namespace, "crm", 4);
  for (const tag of tags) expect(await redis.hgetall(`${tag}:shares`)).toEqual({ erp: "2" });
  await admit(worker, 16);
  const claimed = await worker.lane("crm").claim({ ...ORDER, requests: 16, session: worker.session });
  expect(claimed).toMatchObject({ kind: "claimed", requests: 16 });
  expect(await Promise.all(tags.map(async (tag) => await redis.hexists(`${tag}:gate`, "mark")))).toEqual([1, 1, 1, 1]);
  // A server fell back to a replica that knew of no claim.
  await redis.hdel(`${tags[3]}:gate`, "mark");
  await expect.poll(() => regresses.length, { timeout: 10_000 }).toBe(1);
});
