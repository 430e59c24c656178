import { afterAll, beforeEach, expect, inject, test } from "vitest";
import type { Lane } from "../lane.ts";
import { openStillLane, stillRedis } from "../still-clock.fixture.ts";
import { customerEvent } from "../customer-event.fixture.ts";
import { claimDue, writeDue } from "./write-due.fixture.ts";
import { createMerging, type Merging } from "./merging.ts";

/** A delete that comes in late, to a record that lives on by something newer, clears what it is newer than, as it would have done in time. */
const redis = stillRedis(inject("redisUrl"));
afterAll(() => redis.disconnect());
let lane: Lane;
let merging: Merging;
beforeEach(async () => {
  ({ lane } = await openStillLane(redis));
  merging = createMerging(() => lane);
});

const merge = async (...of: Parameters<typeof customerEvent>): Promise<unknown> =>
  await merging.merge([customerEvent(...of)]);
const write = async (): Promise<unknown> => await writeDue(lane);

async function assertBooksBalance(applied: number): Promise<void> {
  const { accepted, open, outcomes } = await lane.numbers();
  expect([accepted.get("erp"), open.get("erp") ?? 0, outcomes.get("applied")?.get("erp")]).toEqual([3, 0, applied]);
}

test("what was confirmed and is older is cleared, but for the name", async () => {
  await merge(5n, { "standard::name": "Old", city: "Wien", tier: "tin" });
  expect(await write()).toEqual({ "standard::name": "Old", city: "Wien", tier: "tin" });
  await merge(9n, { tier: "gold" });
  expect(await write()).toEqual({ tier: "gold" });
  await merge(7n, null);
  expect(await write()).toEqual({ city: null });
  expect(await write()).toBeNull();
  await assertBooksBalance(3);
});

test("what is pending and older may have been sent, and is cleared too", async () => {
  await merge(9n, { tier: "gold" });
  expect(await write()).toEqual({ tier: "gold" });
  await merge(5n, { city: "Wien" });
  await merge(7n, null);
  expect(await write()).toEqual({ city: null });
  await assertBooksBalance(2);
});

test("a delete that comes in while a newer value is on its way clears what that write confirms", async () => {
  await merge(5n, { city: "Wien" });
  await write();
  await merge(9n, { tier: "gold" });
  const { sent, confirm } = await claimDue(lane);
  expect(sent).toEqual({ tier: "gold" });
  await merge(7n, null);
  expect(await confirm()).toBe("more");
  expect(await write()).toEqual({ city: null });
  expect(await write()).toBeNull();
  await assertBooksBalance(3);
});
