import { createHash, randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeEach, expect, inject, test } from "vitest";
import type { Change, MappedEvent } from "@sluice/record";
import { nextArrival } from "../arrival.fixture.ts";
import { isBalanced } from "../books/audit.ts";
import { ORDER } from "../claims/claim-order.fixture.ts";
import { recordId } from "../identity.ts";
import { laneTag } from "../lanes/tags.ts";
import type { QueueOptions } from "../queue-options.ts";
import { openQueue, type Queue } from "../queue.ts";

/**
 * State as the release before the intake left it: a stamp's tail was the event's id, event ids lay in sets by slices of six hours, and
 * its doors admitted changes themselves. It is written here byte by byte, as that release's admit script did.
 */
let queue: Queue;
let namespace: string;
const redis = new Redis(inject("redisUrl"));
const DAY_MS = 86_400_000;
const OLD_SLICE_MS = DAY_MS / 4;
const open = async (more: Partial<QueueOptions> = {}): Promise<Queue> =>
  await openQueue({
    redisUrl: inject("redisUrl"),
    kind: "worker",
    destinations: ["crm"],
    dedupeWindowMs: 4 * DAY_MS,
    orderingHorizonMs: DAY_MS,
    namespace,
    onError: (error) => console.error(error),
    ...more,
  });
beforeEach(async () => {
  namespace = `old-${randomUUID()}`;
  queue = await open();
});
afterEach(async () => await queue.close());
afterAll(() => redis.disconnect());

const KEY = { by: "external_id", value: "c-1" } as const;
const ID = recordId("customer", KEY);
const tag = (): string => laneTag(namespace, "crm");

function stamp(version: bigint, rank: number, eventId: string): Buffer {
  const head = Buffer.alloc(10);
  head.writeBigUInt64BE(version + 2n ** 63n, 0);
  head.writeUInt16BE(rank, 8);
  return Buffer.concat([head, Buffer.from(eventId)]);
}

function entry(change: number, at: Buffer, source: string, value: unknown): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(change);
  const part = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length]), bytes]);
  return Buffer.concat([number, part(at), part(Buffer.from(source)), Buffer.from(JSON.stringify(value))]);
}

/** The digest by which the release before remembered an event on a record. */
function digest(source: string, eventId: string): Buffer {
  const text = [source, eventId, ID].map((part) => `${Buffer.byteLength(part)}:${part}`).join("");
  return createHash("sha256").update(text).digest().subarray(0, 12);
}

/** An event that an old door admitted: pending, and remembered. */
async function admittedBefore(version: bigint, eventId: string, fields: Record<string, unknown>): Promise<void> {
  const now = Date.now();
  const at = stamp(version, 0, eventId);
  const entries = Object.entries(fields).flatMap(([field, value]) => [`f:${field}`, entry(1, at, "erp", value)]);
  const meta = { "@change": "1", "@since": String(now), "o:erp": "1" };
  await redis
    .multi()
    .hset(
      `${tag()}:p:${ID}`,
      "@key",
      JSON.stringify({ object: "customer", ...KEY }),
      ...Object.entries(meta).flat(),
      ...entries,
    )
    .zadd(`${tag()}:due`, now, ID)
    .zadd(`${tag()}:since`, now, ID)
    .hincrby(`${tag()}:counts`, "accepted:erp", 1)
    .hincrby(`${tag()}:counts`, "open:erp", 1)
    .hset(`${tag()}:kinds`, "customer", "integer")
    .sadd(`${tag()}:seen:${Math.floor(now / OLD_SLICE_MS)}`, digest("erp", eventId))
    .exec();
}

function event(id: string, version: bigint, fields: Record<string, string>): MappedEvent {
  const change: Change = {
    destination: "crm",
    object: "customer",
    key: KEY,
    version: { kind: "integer", value: version },
    effect: { kind: "fields", fields: new Map(Object.entries(fields)) },
  };
  const seen = { id, type: "t", time: null, source: "erp", data: null, headers: {} };
  return { event: seen, rank: 0, arrival: nextArrival(), run: 0, changes: [change], faults: [] };
}

async function write(): Promise<Record<string, unknown>> {
  const claimed = await queue.lane("crm").claim(ORDER);
  if (claimed.kind !== "claimed") throw new Error(claimed.kind);
  const [claim] = claimed.claims;
  await queue.lane("crm").settleFields(claim!);
  return Object.fromEntries([...claim!.snapshot.fields].map(([field, { value }]) => [field, value]));
}

test("a change that an old door admitted is written, and the books stay right", async () => {
  await admittedBefore(5n, "evt-1", { tier: "gold" });
  expect(await write()).toEqual({ tier: "gold" });
  const accounts = await queue.lane("crm").audit(() => {});
  expect(accounts.every(isBalanced)).toBe(true);
  expect(accounts).toMatchObject([{ source: "erp", accepted: 1, outcomes: { applied: 1 }, pending: 0 }]);
});

test("an event that an old door admitted is a duplicate when it is delivered again", async () => {
  await admittedBefore(5n, "evt-1", { tier: "gold" });
  expect(await queue.merging.merge([event("evt-1", 5n, { tier: "gold" })])).toEqual(["duplicate"]);
  expect(await queue.merging.merge([event("evt-2", 5n, { tier: "silver" })])).toEqual(["accepted"]);
  expect(await write()).toEqual({ tier: "silver" });
});

test("its one lane stays one, whatever the file says, until it is changed; then all is known in the new lanes", async () => {
  await queue.close();
  await redis.del(...(await redis.keys(`{${namespace}:*`)));
  await admittedBefore(5n, "evt-1", { tier: "gold" });
  const lanes = new Map([["crm", 4]]);
  queue = await open({ lanes });
  expect(await queue.lanes.count("crm")).toBe(1);
  await queue.close();
  const command = await open({ kind: "command" });
  expect(await command.lanes.change("crm", 4, () => {})).toEqual({ from: 1, records: 1 });
  await command.close();
  queue = await open({ lanes });
  expect(await queue.merging.merge([event("evt-1", 5n, { tier: "gold" })])).toEqual(["duplicate"]);
  expect(await write()).toEqual({ tier: "gold" });
  expect((await queue.lane("crm").audit(() => {})).every(isBalanced)).toBe(true);
});

test("what comes in now merges into what an old door left pending: newer wins, older is superseded", async () => {
  await admittedBefore(5n, "zzz", { tier: "gold", city: "Ulm" });
  expect(await queue.merging.merge([event("a", 4n, { tier: "old" })])).toEqual(["superseded"]);
  // Within one version an arrival of this release is newer than an id of the release before.
  expect(await queue.merging.merge([event("b", 5n, { tier: "new" })])).toEqual(["accepted"]);
  expect(await write()).toEqual({ tier: "new", city: "Ulm" });
  const accounts = await queue.lane("crm").audit(() => {});
  expect(accounts.every(isBalanced)).toBe(true);
});

test("a ledger of the release before still refuses what is stale", async () => {
  await redis.hset(`${tag()}:l:${ID}`, "tier", stamp(7n, 0, "evt-7"), "city", "0", "#0", stamp(6n, 0, "evt-6"));
  expect(await queue.merging.merge([event("a", 6n, { tier: "stale" })])).toEqual(["superseded"]);
  expect(await queue.merging.merge([event("b", 7n, { tier: "newer", city: "Ulm" })])).toEqual(["accepted"]);
  expect(await write()).toEqual({ tier: "newer", city: "Ulm" });
});

test("what is written now keeps the layout of the release before: its own reading finds stamp, source and value", async () => {
  await queue.merging.merge([event("evt-9", 9n, { tier: "gold" })]);
  const bytes = await redis.hgetBuffer(`${tag()}:p:${ID}`, "f:tier");
  const stampEnd = 5 + bytes![4]!;
  const sourceEnd = stampEnd + 1 + bytes![stampEnd]!;
  expect(bytes!.readUInt32BE(0)).toBe(1);
  expect(bytes!.readBigUInt64BE(5) - 2n ** 63n).toBe(9n);
  // The release before took the tail for an event's id, as text: printable, and no longer than the ids that it kept.
  expect(bytes!.toString("utf8", 15, stampEnd)).toMatch(/^[\x21-\x7e]{1,36}$/);
  expect(bytes!.toString("utf8", stampEnd + 1, sourceEnd)).toBe("erp");
  expect(bytes!.toString("utf8", sourceEnd)).toBe('"gold"');
});

test("state of a newer release is not touched", async () => {
  await redis.set(`${tag()}:format`, 4);
  await expect(open()).rejects.toMatchObject({ code: "state_format_newer" });
});
