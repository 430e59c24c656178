import { afterAll, beforeEach, expect, inject, test } from "vitest";
import type { MappedEvent } from "@sluice/record";
import { customerEvent as event } from "../customer-event.fixture.ts";
import { writeDue } from "./write-due.fixture.ts";
import { createForgotten, type Forgotten } from "./forgotten.ts";
import type { Lane } from "../lane.ts";
import { createMerging, type Merging } from "./merging.ts";
import { openStillLane, stillRedis } from "../still-clock.fixture.ts";

/**
 * A record shows `city` of version 5, which Redis forgot when the state went back. A delete of version 7 found it living on, by a tier of
 * version 9, and cleared what Redis knew. Then the event of version 5 is understood again: once the city stayed for ever.
 */
const redis = stillRedis(inject("redisUrl"));
afterAll(() => redis.disconnect());
let lane: Lane;
let merging: Merging;
let forgotten: Forgotten;
beforeEach(async () => {
  const still = await openStillLane(redis);
  ({ lane } = still);
  merging = createMerging(() => lane);
  forgotten = createForgotten(redis, async () => ({ tag: still.tag, lanes: 1 }), 86_400_000);
});

const write = async (): Promise<unknown> => await writeDue(lane);

async function again(late: MappedEvent): Promise<void> {
  await forgotten.clear([late], await merging.mergeEach([late]));
}

async function books(): Promise<{ open: number; superseded: number; applied: number }> {
  const { open, outcomes } = await lane.numbers();
  const of = (counts: ReadonlyMap<string, number> | undefined): number => counts?.get("erp") ?? 0;
  return { open: of(open), superseded: of(outcomes.get("superseded")), applied: of(outcomes.get("applied")) };
}

test("what a late event had written before the state went back is cleared, once, by the delete that supersedes it", async () => {
  await merging.merge([event(9n, { tier: "gold" })]);
  await write();
  await merging.merge([event(7n, null)]);
  const late = event(5n, { city: "Wien", tier: "tin" });
  await again(late);
  expect(await books()).toEqual({ open: 1, superseded: 1, applied: 1 });
  expect(await write()).toEqual({ city: null });
  expect(await books()).toEqual({ open: 0, superseded: 1, applied: 2 });
  // Read again after a crash, and known by now.
  await again(late);
  expect(await write()).toBeNull();
  expect(await books()).toEqual({ open: 0, superseded: 1, applied: 2 });
});

test.for<[string, readonly MappedEvent[]]>([
  ["a record that was deleted, and is gone", [event(7n, null)]],
  ["a record of which no delete is newer", [event(9n, { tier: "gold", city: "Graz" })]],
  ["a field that is known to be newer", [event(9n, { tier: "gold", city: "Graz" }), event(7n, null)]],
])("nothing is cleared of %s", async ([, before]) => {
  for (const each of before) {
    await merging.merge([each]);
    await write();
  }
  await again(event(5n, { city: "Wien" }));
  expect(await write()).toBeNull();
  expect((await books()).open).toBe(0);
});

test("a name is no field that is cleared", async () => {
  await merging.merge([event(9n, { tier: "gold" })]);
  await write();
  await merging.merge([event(7n, null)]);
  await again(event(5n, { "standard::name": "Old" }));
  expect(await write()).toBeNull();
});
