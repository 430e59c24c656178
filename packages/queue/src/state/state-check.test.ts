import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test } from "vitest";
import type { Change } from "@sluice/record";
import { nextArrival } from "../arrival.fixture.ts";
import { createAcknowledgement } from "../server/acknowledgement.ts";
import { ORDER } from "../claims/claim-order.fixture.ts";
import { connect, waitUntilReady } from "../connection/connection.ts";
import { createLane, type Lane } from "../lane.ts";
import { openQueue, type Queue } from "../queue.ts";
import { checkState, type StateCheck, type StateCheckResult } from "./state-check.ts";

/** The kernel hands a connection's end over when it likes; how long is waited for the others is a matter of the test. */
const admin = connect(inject("redisUrl"), "worker", (error) => console.error(error));
const redis = connect(inject("redisUrl"), "worker", (error) => console.error(error));
beforeAll(async () => await Promise.all([waitUntilReady(admin), waitUntilReady(redis)]));
afterAll(() => {
  admin.disconnect();
  redis.disconnect();
});

let tag: string;
beforeEach(() => {
  tag = `{first-look-${randomUUID()}:intake}`;
});

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never so: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function begin(
  found: StateCheckResult,
  more: { readonly isAlone?: boolean; readonly peersCheckWithinMs?: number } = {},
): Promise<{ readonly first: StateCheck; readonly looks: () => number }> {
  let looks = 0;
  const look = async (): Promise<StateCheckResult> => {
    looks += 1;
    return found;
  };
  const options = { redis, confirming: redis, tag, isAlone: false, look, onError: console.error };
  const first = await checkState({ ...options, ...more });
  onTestFinished(() => first.close());
  return { first, looks: () => looks };
}

test("on a server that nobody has worked with, it waits until the others can have looked, and looks again", async () => {
  const { first, looks } = await begin("same", { peersCheckWithinMs: 300 });
  expect(first.isDone).toBe(false);
  expect(looks()).toBe(1);
  await until(() => first.isDone);
  expect(looks()).toBe(2);
});

test.each([
  ["a state that this process named is new to everybody", "named", {}],
  ["of a state that went back everybody was told", "told", {}],
  ["the Redis is this process' own", "same", { isAlone: true }],
] as const)("nobody is waited for where %s", async (_, found, more) => {
  const { first, looks } = await begin(found, { ...more, peersCheckWithinMs: 600_000 });
  expect(first.isDone).toBe(true);
  expect(looks()).toBe(1);
});

test("a server that workers have worked with in this state is known to the next one, and to a connection that broke", async () => {
  await begin("named");
  const { first, looks } = await begin("same", { peersCheckWithinMs: 600_000 });
  expect(first.isDone).toBe(true);
  const before = first.connection;
  await admin.client("KILL", "ID", String(await redis.client("ID")));
  await until(() => first.connection > before && first.isDone);
  expect(looks()).toBe(2);
});

test("a state that another server had before waits for the others, also where the name of that one stands in it", async () => {
  await admin.hset(`${tag}:state`, "server", "the-one-before-the-failover");
  const { first } = await begin("same", { peersCheckWithinMs: 600_000 });
  expect(first.isDone).toBe(false);
});

/** A lane with a record that is due. */
async function laneWith(look: { isDone: boolean; connection: number }): Promise<{ lane: Lane; queue: Queue }> {
  const namespace = `first-look-${randomUUID()}`;
  const horizons = { dedupeWindowMs: 3_600_000, orderingHorizonMs: 3_600_000 };
  const redisUrl = inject("redisUrl");
  const queue = await openQueue({
    redisUrl,
    kind: "door",
    destinations: ["crm"],
    namespace,
    ...horizons,
    onError: console.error,
  });
  onTestFinished(async () => await queue.close());
  const change: Change = {
    destination: "crm",
    object: "customer",
    key: { by: "external_id", value: "c-1" },
    version: { kind: "integer", value: 1n },
    effect: { kind: "fields", fields: new Map([["tier", "gold"]]) },
  };
  const event = { id: "e1", type: "t", time: null, source: "erp", data: null, headers: {} };
  await queue.merging.merge([{ event, rank: 0, arrival: nextArrival(), run: 0, changes: [change], faults: [] }]);
  const acknowledgement = createAcknowledgement(redis, "redis");
  const lane = createLane(redis, { namespace, destination: "crm", ...horizons, acknowledgement, stateCheck: look });
  return { lane, queue };
}

test("nothing is claimed before the first look is done", async () => {
  const look = { isDone: false, connection: 1 };
  const { lane } = await laneWith(look);
  expect(await lane.claim(ORDER)).toMatchObject({ kind: "wait" });
  look.isDone = true;
  expect(await lane.claim(ORDER)).toMatchObject({ kind: "claimed", claims: [{ attempts: 0 }] });
});

test("a claim whose answer comes on another connection is given back, and costs the record no attempt", async () => {
  const look = { isDone: true, connection: 1 };
  const { lane } = await laneWith(look);
  const claiming = lane.claim(ORDER);
  look.connection = 2;
  expect(await claiming).toMatchObject({ kind: "wait" });
  expect(await lane.claim(ORDER)).toMatchObject({ kind: "claimed", claims: [{ attempts: 0 }] });
});
