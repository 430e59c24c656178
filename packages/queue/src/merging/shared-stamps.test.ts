import { afterAll, beforeEach, expect, inject, test } from "vitest";
import { customerEvent } from "../customer-event.fixture.ts";
import type { Lane } from "../lane.ts";
import { openStillLane, stillRedis } from "../still-clock.fixture.ts";
import { createMerging, type Merging } from "./merging.ts";
import { writeDue } from "./write-due.fixture.ts";

/** Fields of one event share a stamp in the ledger, and another event's fields another one. */
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

test.each([
  { first: 5n, second: 9n, late: ["superseded", null] },
  { first: 9n, second: 5n, late: ["accepted", { balance: 7, email: "7" }] },
])("a field is compared with its own event's stamp: $first, then $second", async ({ first, second, late }) => {
  await merge(first, { tier: "gold", city: "Wien" });
  await writeDue(lane);
  await merge(second, { balance: 1, email: "1" });
  await writeDue(lane);
  expect([...((await merge(7n, { balance: 7, email: "7" })) as string[]), await writeDue(lane)]).toEqual(late);
});

test("one field's tie is counted beside another field that has none", async () => {
  await merge(5n, { city: "Wien" });
  await merge(3n, { tier: "tin" });
  await writeDue(lane);
  await merge(3n, { city: "Graz", tier: "gold" });
  await merge(3n, { tier: "gold", city: "Graz" });
  expect((await lane.numbers()).ties.get("erp")).toBe(2);
});
