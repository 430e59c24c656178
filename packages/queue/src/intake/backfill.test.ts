import { afterEach, beforeEach, expect, test } from "vitest";
import { BACKFILL_JOB_WEBHOOKS, BACKFILL_JOBS } from "../limits.ts";
import { hasRoom } from "./backfill.ts";
import { openIntakePlace, webhookOf, type IntakePlace } from "./intake.fixture.ts";

let at: IntakePlace;
beforeEach(() => void (at = openIntakePlace()));
afterEach(async () => await at.close());

test.each([
  [null, 10, 10, true],
  [1600, 1199, 0, true],
  // A quarter of the budget stays with live webhooks,
  [1600, 1200, 0, false],
  // and half of the eighth that may wait to be understood.
  [1600, 0, 99, true],
  [1600, 0, 100, false],
] as const)("a budget of %s with %s used and %s waiting has room for the past: %s", (budget, used, waiting, room) => {
  expect(hasRoom(budget, used, waiting)).toBe(room);
});

test("no more of the past is added than a destination's records leave room for, and none while enough of it waits", async () => {
  const door = await at.open("door");
  const { backfill } = door.intake;
  const pace = new Map([["crm", 3]]);
  expect(await backfill.room(["erp"], pace)).toBe(3);
  const understanding = await at.understand();
  await at.store(door, ["one", "two"]);
  await at.until(({ jobs }) => jobs.added === 1 && jobs.completed === 1);
  expect(await backfill.room(["erp"], pace)).toBe(1);
  await at.store(door, ["three"]);
  await at.until(({ jobs }) => jobs.completed === 2);
  expect(await backfill.room(["erp"], pace)).toBe("destination");
  await understanding.close();
  expect(await backfill.room(["erp"], new Map([["crm", 100]]))).toBe(BACKFILL_JOB_WEBHOOKS);
  for (let job = 0; job < BACKFILL_JOBS; job += 1) {
    await backfill.add([webhookOf([`old ${job}`], { run: 1 })], { erp: "d" });
  }
  expect(await backfill.waiting()).toBe(BACKFILL_JOBS);
  expect(await backfill.room(["erp"], new Map([["crm", 100]]))).toBe("queue");
});

test("an old webhook waits for a worker with the configuration that it was planned with, as a new one does", async () => {
  const door = await at.open("door");
  await at.understand({ digests: () => ({ erp: "before" }) });
  const arrival = { micros: Date.UTC(2020, 0, 1) * 1000, session: 1 };
  await door.intake.backfill.add([webhookOf(["old"], { arrival, run: 1 })], { erp: "after" });
  await at.until(({ jobs }) => jobs.delayed === 1);
  expect((await at.until(() => true)).jobs.completed).toBe(0);
  await at.understand({ digests: () => ({ erp: "after" }) });
  await at.until(({ jobs }) => jobs.completed === jobs.added);
});

test("a replayed repetition of an event that was merged changes nothing: it would count as newer than what came in between", async () => {
  const door = await at.open("door");
  await at.understand();
  const webhook = webhookOf(["c-1"]);
  const first = { ...webhook, arrival: await door.intake.add(webhook) };
  await at.until(({ jobs }) => jobs.completed === 1);
  await door.intake.backfill.add([webhookOf(["c-1"], { run: 1 })], { erp: "d" });
  await at.until(({ jobs }) => jobs.completed === 2);
  const { accepted } = await door.lane("crm").numbers();
  expect(accepted.get("erp")).toBe(1);
  await door.intake.backfill.add([{ ...first, run: 2 }], { erp: "d" });
  await at.until(({ jobs }) => jobs.completed === 3);
  expect((await door.lane("crm").numbers()).accepted.get("erp")).toBe(2);
});
