import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeEach, expect, inject, test } from "vitest";
import type { MappedEvent } from "@sluice/record";
import { customerEvent } from "../customer-event.fixture.ts";
import { ORDER } from "../claims/claim-order.fixture.ts";
import { accountsOf, auditBooks, isBalanced } from "./audit.ts";
import type { LaneNumbers } from "./lane-numbers.ts";
import { connect } from "../connection/connection.ts";
import { laneTag } from "../lanes/tags.ts";
import { openQueue, type Queue } from "../queue.ts";

const redis = connect(inject("redisUrl"), "worker", (error) => console.error(error));
afterAll(() => redis.disconnect());

let queue: Queue;
let namespace: string;
beforeEach(async () => {
  namespace = `audit-${randomUUID()}`;
  queue = await openQueue({
    redisUrl: inject("redisUrl"),
    kind: "door",
    destinations: ["crm"],
    dedupeWindowMs: 60_000,
    orderingHorizonMs: 60_000,
    namespace,
    onError: (error) => console.error(error),
  });
});
afterEach(async () => await queue.close());

function event(id: string, source: string, record: number, version: bigint): MappedEvent {
  return customerEvent(version, { tier: id }, { id, source, key: `c-${record}` });
}

/** 1,200 changes of two sources on 1,100 records: more than one page of the walk. */
async function traffic(): Promise<void> {
  const events = Array.from({ length: 1200 }, (_, n) =>
    event(`e${n}`, n % 3 === 0 ? "shop" : "erp", n % 1100, BigInt(n)),
  );
  await queue.merging.merge(events);
  const lane = queue.lane("crm");
  const claimed = await lane.claim({ ...ORDER, batch: 100 });
  if (claimed.kind !== "claimed") throw new Error("held");
  for (const claim of claimed.claims) await lane.settleFields(claim);
}

const audit = async (): ReturnType<ReturnType<Queue["lane"]>["audit"]> => await queue.lane("crm").audit(() => {});

test("the accounts of each source add up, and so do the records' own", async () => {
  await traffic();
  const accounts = await audit();
  expect(accounts.map(({ source }) => source)).toEqual(["erp", "shop"]);
  expect(accounts.every(isBalanced)).toBe(true);
  expect(accounts.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(1200);
  expect(accounts.map(({ recounted }) => recounted)).toEqual(accounts.map(({ pending }) => pending));
  const ended = accounts.flatMap(({ outcomes }) => Object.values(outcomes)).reduce((sum, count) => sum + count, 0);
  expect(ended).toBeGreaterThanOrEqual(100);
});

test("a duplicate is no change: the accounts stay as they were", async () => {
  await traffic();
  const before = await audit();
  expect(await queue.merging.merge([event("e0", "shop", 0, 0n), event("e3", "shop", 3, 3n)])).toEqual([
    "duplicate",
    "duplicate",
  ]);
  expect(await audit()).toEqual(before);
});

test("a change that vanished from the accounts is missed, at its source", async () => {
  await traffic();
  await redis.hincrby(`${laneTag(namespace, "crm")}:counts`, "open:erp", -2);
  const [erp, shop] = await audit();
  expect(erp).toMatchObject({ missing: 2 });
  expect(isBalanced(erp!)).toBe(false);
  expect(isBalanced(shop!)).toBe(true);
});

test("a pending record that vanished is missed, though the counts still add up", async () => {
  await traffic();
  const tag = laneTag(namespace, "crm");
  const [record] = await redis.zrange(`${tag}:due`, "0", "0");
  await redis.del(`${tag}:p:${record!}`);
  const accounts = await audit();
  expect(accounts.map(({ missing }) => missing)).toEqual([0, 0]);
  expect(accounts.every(isBalanced)).toBe(false);
});

test("under traffic the accounts are still exact, and the recount says that it could not be made", async () => {
  await traffic();
  const late: Promise<unknown>[] = [];
  const accounts = await queue.lane("crm").audit(() => {
    const number = 5000 + late.length;
    late.push(queue.merging.merge([event(`late-${number}`, "erp", number, BigInt(number))]));
  });
  await Promise.all(late);
  expect(accounts.every(({ missing }) => missing === 0)).toBe(true);
  expect(accounts.every(isBalanced)).toBe(true);
});

/** The numbers of a lane as far as its accounts go. */
const numbersOf = (given: Pick<LaneNumbers, "accepted" | "open" | "outcomes">): LaneNumbers =>
  ({ pendingRecords: 2, ...given }) as LaneNumbers;

test("a source that stands in one of the books alone has an account, and it is not right", () => {
  const numbers = numbersOf({
    accepted: new Map([["a", 1]]),
    open: new Map([["b", 1]]),
    outcomes: new Map([["applied", new Map([["c", 1]])]]),
  });
  const accounts = accountsOf(numbers, new Map([["d", 1]]));
  expect(accounts.map(({ source, missing, recounted }) => [source, missing, recounted])).toEqual([
    ["a", 1, 0],
    ["b", -1, 0],
    ["c", -1, 0],
    ["d", 0, 1],
  ]);
  expect(accounts.filter(isBalanced)).toEqual([]);
  expect(isBalanced({ ...accounts[0]!, missing: 1, recounted: null })).toBe(false);
});

test("a record that a walk shows twice is counted once, and the walk tells how far it came", async () => {
  const numbers = numbersOf({ accepted: new Map([["a", 3]]), open: new Map([["a", 3]]), outcomes: new Map() });
  const asked: string[] = [];
  const told: string[] = [];
  const [account] = await auditBooks(
    {
      numbers: async () => numbers,
      dueRecords: async (cursor) => {
        asked.push(cursor);
        return cursor === "0" ? ["7", ["r1", "r2"]] : ["0", ["r2"]];
      },
      recount: async (records) => new Map([["a", records.length === 2 ? 3 : 1]]),
    },
    (walked, of) => told.push(`${walked} of ${of}`),
  );
  expect(account).toMatchObject({ pending: 3, recounted: 3 });
  expect([asked, told]).toEqual([
    ["0", "7"],
    ["2 of 2", "2 of 2"],
  ]);
});
