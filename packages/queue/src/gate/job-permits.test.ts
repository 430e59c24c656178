import { afterAll, beforeEach, expect, inject, test } from "vitest";
import { ORDER } from "../claims/claim-order.fixture.ts";
import { createJobPermits, type JobPermit, type JobPermits } from "./job-permits.ts";
import { openStillLane, stillRedis, type StillLane } from "../still-clock.fixture.ts";

const redis = stillRedis(inject("redisUrl"));
let still: StillLane;
let permits: JobPermits;
beforeEach(async () => {
  still = await openStillLane(redis);
  permits = createJobPermits(redis, still.tag, 3);
});
afterAll(() => redis.disconnect());

async function enter(count: number): Promise<(JobPermit | null)[]> {
  return await Promise.all(Array.from({ length: count }, async () => await permits.take()));
}

test("a permit is one job's at a time, and one that is released is the next job's", async () => {
  const taken = await enter(5);
  expect(taken.filter(Boolean)).toHaveLength(3);
  await taken[0]!.release();
  expect((await enter(2)).filter(Boolean)).toHaveLength(1);
});

test("a permit that nobody keeps is given on after a minute; one that is kept is not", async () => {
  const [kept] = await enter(3);
  await still.passTime(59_000);
  await kept!.keep();
  expect(await permits.take()).toBeNull();
  await still.passTime(1000);
  expect((await enter(3)).filter(Boolean)).toHaveLength(2);
  // A job that kept silent for so long has lost its permit, and does not take another's.
  await kept!.release();
  expect((await enter(3)).filter(Boolean)).toHaveLength(1);
});

test("records are not claimed for a job that has no permit; what may go by itself goes", async () => {
  const order = { ...ORDER, requests: 2, batch: 100, jobs: 3 };
  await still.admit(Array.from({ length: 50 }, (_, index) => `r${index}`));
  const [first] = await enter(3);
  expect(await still.lane.claim(order)).toEqual({ kind: "wait", forMs: 250 });
  expect(await still.lane.claim({ ...order, batch: 1 })).toMatchObject({ kind: "claimed", requests: 2 });
  expect(await still.lane.claim({ ...order, requests: 60 })).toMatchObject({ kind: "claimed" });
  await still.admit(["a", "b", "c"]);
  expect(await still.lane.claim(order)).toEqual({ kind: "wait", forMs: 250 });
  await first!.release();
  // Two requests, one permit: one job.
  const claimed = await still.lane.claim(order);
  expect(claimed).toMatchObject({ kind: "claimed", requests: 1 });
});
