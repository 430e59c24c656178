import { afterAll, beforeEach, expect, inject, test } from "vitest";
import { ORDER } from "../claims/claim-order.fixture.ts";
import { isBalanced } from "../books/audit.ts";
import { openStillLane, stillRedis, type StillLane } from "../still-clock.fixture.ts";

/** One record as an operator sees it and acts on it, on a real Redis with a clock that the tests set. */
const redis = stillRedis(inject("redisUrl"));
let still: StillLane;
beforeEach(async () => {
  still = await openStillLane(redis);
});
afterAll(() => redis.disconnect());

const KEY = { by: "external_id", value: "r" } as const;
const show = async () => await still.lane.records.show("customer", KEY);
const claims = async () => {
  const claimed = await still.lane.claim(ORDER);
  return claimed.kind === "claimed" ? claimed.claims : [];
};
const balanced = async (): Promise<boolean> => (await still.lane.audit(() => {})).every(isBalanced);

test("a record shows what is pending, its flight, how it failed, and what was confirmed", async () => {
  expect(await show()).toBeNull();
  await still.admit(["r"], "erp", { tier: "gold" });
  expect(await show()).toMatchObject({ state: "due", attempts: 0, flight: null, lastFailure: null });
  const [first] = await claims();
  expect(await show()).toMatchObject({ state: "flying", attempts: 1, flight: { session: "s", job: null } });
  await still.lane.wait(first!, 60_000, { spent: true, why: "timeout" });
  const waiting = await show();
  expect(waiting).toMatchObject({ state: "waiting", attempts: 1, lastFailure: "timeout", flight: null });
  expect([...waiting!.pending]).toMatchObject([["tier", { value: "gold", source: "erp" }]]);
  expect(waiting!.events).toEqual(["e1"]);
  await still.passTime(60_001);
  const [second] = await claims();
  expect(second!.attempts).toBe(1);
  await still.lane.settleFields(second!);
  const quiet = await show();
  expect(quiet).toMatchObject({ state: "quiet", dueMs: null, sinceMs: null });
  expect([...quiet!.confirmed.keys()]).toEqual(["tier"]);
});

test("a parked record takes changes in and is not sent, until it is put back", async () => {
  await still.admit(["r", "other"]);
  expect(await still.lane.records.park("customer", KEY)).toBe("parked");
  await still.admit(["r"], "shop", { tier: "iron" });
  expect((await claims()).map(({ key }) => key.value)).toEqual(["other"]);
  await still.passTime(365 * 86_400_000);
  expect((await claims()).map(({ key }) => key.value)).toEqual(["other"]);
  expect(await show()).toMatchObject({ state: "parked", dueMs: null });
  expect(await balanced()).toBe(true);
  expect(await still.lane.records.unpark("customer", KEY)).toBe("waiting");
  expect((await claims()).map(({ snapshot }) => snapshot.fields.get("tier")?.value)).toEqual(["iron"]);
});

test("a record that is parked in flight is let land, and stays where what came in meanwhile is concerned", async () => {
  await still.admit(["r"]);
  const [flying] = await claims();
  expect(await still.lane.records.park("customer", KEY)).toBe("parked");
  await still.admit(["r"], "erp", { tier: "iron" });
  expect(await still.lane.settleFields(flying!)).toBe("more");
  expect(await claims()).toEqual([]);
  expect(await show()).toMatchObject({ state: "parked" });
});

test("a flight whose lease ends while its record is parked is not flown again", async () => {
  await still.admit(["r"]);
  await claims();
  await still.lane.records.park("customer", KEY);
  await still.passTime(60_001);
  expect(await claims()).toEqual([]);
  expect(await show()).toMatchObject({ state: "parked" });
  // The flight that nobody ended is in nobody's way.
  expect(await still.lane.records.unpark("customer", KEY)).toBe("waiting");
  expect((await claims()).map(({ lost }) => lost)).toEqual([1]);
  await still.lane.records.park("customer", KEY);
  await still.passTime(60_001);
  expect(await claims()).toEqual([]);
  expect(await still.lane.records.forget("customer", KEY)).toBe("forgotten");
  expect(await balanced()).toBe(true);
});

test("a record that is forgotten has its changes discarded, and the next event is written whatever its version is", async () => {
  await still.admit(["r"], "erp", { tier: "gold" });
  const [flying] = await claims();
  expect(await still.lane.records.forget("customer", KEY)).toBe("flying");
  await still.lane.settleFields(flying!);
  await still.admit(["r"], "erp", { tier: "iron" });
  expect(await still.lane.records.forget("customer", KEY)).toBe("forgotten");
  const numbers = await still.lane.numbers();
  expect(numbers.outcomes.get("discarded")?.get("erp")).toBe(1);
  expect(numbers.pendingRecords).toBe(0);
  expect(await balanced()).toBe(true);
  const view = await show();
  expect([...(view?.confirmed ?? [])]).toEqual([]);
  // Its token is still the highest.
  await still.admit(["r"]);
  const [next] = await claims();
  expect(BigInt(next!.fence) > BigInt(flying!.fence)).toBe(true);
  expect(await still.lane.records.forget("customer", { ...KEY, value: "nobody" })).toBe("none");
});

test("a record that waits for its next attempt has it now, and stays where one still lands or it is parked", async () => {
  expect(await still.lane.records.retry("customer", KEY)).toBe("none");
  await still.admit(["r"]);
  const [first] = await claims();
  expect(await still.lane.records.retry("customer", KEY)).toBe("flying");
  await still.lane.wait(first!, 3_600_000, { spent: true, why: "status_500" });
  expect(await claims()).toEqual([]);
  expect(await still.lane.records.retry("customer", KEY)).toBe("due");
  expect(await show()).toMatchObject({ state: "due", attempts: 1, lastFailure: "status_500" });
  const [second] = await claims();
  expect(second!.attempts).toBe(1);
  await still.lane.wait(second!, 0, { spent: true, unsettled: true, why: "timeout" });
  expect(await still.lane.records.retry("customer", KEY)).toBe("flying");
  await still.lane.records.park("customer", KEY);
  expect(await still.lane.records.retry("customer", KEY)).toBe("parked");
});

test("those in the line are listed with what they wait for, and the parked ones apart", async () => {
  await still.admit(["r"]);
  const [first] = await claims();
  await still.lane.wait(first!, 60_000, { spent: true, why: "timeout" });
  await still.admit(["other"]);
  const states = async () =>
    Object.fromEntries((await still.lane.records.list("pending", 10)).map(({ key, state }) => [key.value, state]));
  expect(await states()).toEqual({ r: "waiting", other: "due" });
  await claims();
  expect(await states()).toEqual({ r: "waiting", other: "flying" });
  expect(await still.lane.records.list("pending", 1)).toHaveLength(1);
  await still.lane.records.park("customer", KEY);
  expect(await still.lane.records.list("parked", 10)).toMatchObject([
    { object: "customer", key: KEY, state: "parked", attempts: 1, lastFailure: "timeout", dueMs: null },
  ]);
});

test("of flights in a row that nobody ended the next claim tells how many", async () => {
  await still.admit(["r"]);
  for (let died = 0; died < 3; died += 1) {
    const [claim] = await claims();
    expect([claim!.lost, claim!.attempts]).toEqual([died, died]);
    await still.passTime(60_001);
  }
  const [alive] = await claims();
  expect(alive!.failingSinceMs).not.toBeNull();
  await still.lane.wait(alive!, 0, { spent: true, why: "status_500" });
  const [after] = await claims();
  expect([after!.lost, after!.attempts]).toEqual([0, 4]);
});

test("an object whose versions were of one kind takes the other once it was told to", async () => {
  await still.admit(["r"]);
  expect(await redis.hget(`${still.tag}:kinds`, "customer")).toBe("integer");
  expect(await still.lane.records.reorder("customer")).toBe("reordered");
  expect(await still.lane.records.reorder("customer")).toBe("none");
  expect(await redis.hget(`${still.tag}:kinds`, "customer")).toBeNull();
});

test("neither parking nor forgetting a record lets anything pass a write that may still land", async () => {
  await still.admit(["r"]);
  const [silent] = await claims();
  await still.lane.wait(silent!, 0, { spent: true, unsettled: true, why: "timeout" });
  const lands = (await show())!.dueMs!;
  expect(await still.lane.records.forget("customer", KEY)).toBe("flying");
  expect(await still.lane.records.park("customer", KEY)).toBe("parked");
  expect(await still.lane.records.forget("customer", KEY)).toBe("flying");
  expect(await still.lane.records.unpark("customer", KEY)).toBe("waiting");
  expect(await show()).toMatchObject({ state: "waiting", dueMs: lands });
  expect(await claims()).toEqual([]);
  await still.passTime(60_001);
  expect((await claims()).map(({ key }) => key.value)).toEqual(["r"]);
  expect(await balanced()).toBe(true);
});

test("who dies while a record waits for a job that was posted leaves no lost flight behind, however often", async () => {
  await still.admit(["r"]);
  const [poster] = await claims();
  await still.lane.announceJob([poster!], 60_000);
  for (let deaths = 0; deaths < 4; deaths += 1) {
    await still.passTime(60_001);
    // The one that posted it is counted: what it sent may be what ended it.
    expect((await claims()).map(({ lost, posted }) => [lost, posted])).toEqual([[1, true]]);
  }
});
