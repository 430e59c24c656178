import { afterAll, beforeEach, expect, inject, test } from "vitest";
import type { Claim } from "./claim.ts";
import { ORDER } from "./claim-order.fixture.ts";
import { openStillLane, stillRedis, type StillLane } from "../still-clock.fixture.ts";

/** The traces of the changes that wait at a record. */
const redis = stillRedis(inject("redisUrl"));
let still: StillLane;
beforeEach(async () => {
  still = await openStillLane(redis);
});
afterAll(() => redis.disconnect());

const claimed = async (): Promise<Claim> => {
  const answer = await still.lane.claim(ORDER);
  expect(answer.kind).toBe("claimed");
  return answer.kind === "claimed" ? answer.claims[0]! : (null as never);
};

test("a claim names the traces of all changes that meet in it, the oldest first, and none of a change in no trace", async () => {
  await still.admit(["r"], "erp", { tier: "gold" }, "a");
  await still.admit(["r"], "erp", { tier: "iron" });
  await still.admit(["r"], "shop", { city: "Rome" }, "b s=1");
  expect((await claimed()).traces).toEqual(["a", "b s=1"]);
});

test("a settled change's trace is gone, and that of one that came in meanwhile is the next claim's", async () => {
  await still.admit(["r"], "erp", { tier: "gold" }, "a");
  const flying = await claimed();
  await still.admit(["r"], "erp", { tier: "iron" }, "b");
  expect(await still.lane.settleFields(flying)).toBe("more");
  expect((await claimed()).traces).toEqual(["b"]);
});

test("the delete of a record is in a trace as well", async () => {
  await still.admit(["r"], "erp", { tier: "gold" }, "a");
  await still.admit(["r"], "erp", null, "b");
  expect((await claimed()).traces).toEqual(["a", "b"]);
});

test("the delete of a record that is in no trace adds none", async () => {
  await still.admit(["r"], "erp", { tier: "gold" }, "a");
  await still.admit(["r"], "erp", null);
  expect((await claimed()).traces).toEqual(["a"]);
});

test("a record keeps the traces of its last eight changes, however many come in", async () => {
  for (let each = 1; each <= 20; each += 1) await still.admit(["r"], "erp", { tier: each }, `t${each}`);
  expect((await claimed()).traces).toEqual(["t13", "t14", "t15", "t16", "t17", "t18", "t19", "t20"]);
});
