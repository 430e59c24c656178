import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, expect, inject, test } from "vitest";
import { ORDER } from "./claim-order.fixture.ts";
import type { Claimed } from "./claim-order.ts";
import { openStillLane, stillRedis, type StillLane } from "../still-clock.fixture.ts";

/** A merge that claims: a worker sends what it merges at once, and rings for what another one may send. */
const redis = stillRedis(inject("redisUrl"));
const ear = redis.duplicate();
let still: StillLane;
let heard: string[];
let taken: (Claimed | Error)[];
ear.on("message", (_, text) => heard.push(text));
beforeEach(async () => {
  still = await openStillLane(redis);
  [heard, taken] = [[], []];
  await ear.subscribe(`${still.tag}:bell`);
});
afterAll(() => [redis, ear].forEach((each) => each.disconnect()));

function claimWith(requests: number | null): void {
  still.lane.claimWith({
    unused: () => 0,
    order: () => (requests === null ? null : { ...ORDER, requests }),
    take: (claimed) => void taken.push(claimed),
  });
}

/** How often it rang, and how many records each merge took. */
async function after(...records: readonly string[]): Promise<[rings: number, taken: (number | string)[]]> {
  await still.admit(records);
  const last = randomUUID();
  await redis.publish(`${still.tag}:bell`, last);
  await expect.poll(() => heard.at(-1)).toBe(last);
  const answer = taken.map((each) =>
    "claims" in each ? each.claims.length : "kind" in each ? each.kind : String(each),
  );
  const rings = heard.length - 1;
  [heard, taken] = [[], []];
  return [rings, answer];
}

test("a worker that takes all that it merged rings for nobody, and one that leaves something rings once", async () => {
  claimWith(2);
  expect(await after("a", "b")).toEqual([0, [2]]);
  expect(await after("c", "d", "e")).toEqual([1, [2]]);
  expect(await after("f")).toEqual([0, [2]]);
  // Records in flight are nobody's.
  expect(await after("a", "b")).toEqual([0, ["wait"]]);
});

test("a worker that takes nothing rings for what it made due, and for nothing else", async () => {
  claimWith(null);
  expect(await after("a", "b")).toEqual([1, []]);
  expect(await after("a")).toEqual([0, []]);
  claimWith(2);
  await still.gate.hold(1000, "rate_limit");
  expect(await after("c")).toEqual([1, ["held"]]);
});
