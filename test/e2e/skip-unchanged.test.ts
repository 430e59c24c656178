import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startFleet, type Fleet } from "../fleet.ts";

/** `skip_unchanged: true`, through the whole of Sluice: which values are written, and how skipped writes are counted. */
let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({
    workers: 2,
    standIn: { plan: "enterprise-plus" },
    // With fences a write without an answer is followed by the next one at once.
    destination: "    skip_unchanged: true\n    fences: true",
  });
});
afterAll(async () => await fleet.close());

let id = 0;
let version = 0;
let calls = 0;
beforeEach(async () => {
  id += 1;
  calls = await written();
});

/** Writes that have reached the store, whatever it answered. */
async function written(): Promise<number> {
  const { asked } = (await fleet.control("GET", "")).requests;
  return (asked["PATCH records"] ?? 0) + (asked["DELETE records"] ?? 0) + (asked["POST jobs"] ?? 0);
}

async function send(fields: object | "deleted"): Promise<void> {
  version += 1;
  const data = { id, version: new Date(Date.UTC(2026, 4, 1) + version * 1000).toISOString() };
  const { status } = await fleet.send({
    id: `evt-${version}`,
    ...(fields === "deleted"
      ? { type: "customer.deleted", data }
      : { type: "customer.updated", data: { ...data, ...fields } }),
  });
  expect(status).toBe(202);
}

/** Sends an event, waits for its end, and yields its outcome and the number of its writes. */
async function after(fields: object | "deleted"): Promise<{ outcome: string; writes: number }> {
  const before = { outcomes: (await fleet.drained()).outcomes, calls: await written() };
  await send(fields);
  const { outcomes } = await fleet.drained(30_000);
  const [ended, ...others] = Object.keys(outcomes).filter((each) => outcomes[each] !== before.outcomes[each]);
  expect(others).toEqual([]);
  return { outcome: ended ?? "none", writes: (await written()) - before.calls };
}

async function stored(): Promise<object | undefined> {
  const records = await fleet.recordsOf("customer");
  return records.find((record) => record.external_id === `c-${id}`)?.custom_object_fields;
}

const WRITTEN = { outcome: "applied", writes: 1 };
const SKIPPED = { outcome: "unchanged", writes: 0 };

test("a change that says what the record holds makes no call and counts as unchanged", async () => {
  expect(await after({ name: "Acme", tier: "gold", balance: 7 })).toEqual(WRITTEN);
  expect(await after({ name: "Acme", tier: "gold", balance: 7 })).toEqual(SKIPPED);
  expect(await after({ tier: "gold" })).toEqual(SKIPPED);
  expect(await after({ balance: 7, name: "Acme" })).toEqual(SKIPPED);
  expect(await written()).toBe(calls + 1);
});

test("a skipped change has its place in the order: an older one that comes late is superseded", async () => {
  expect(await after({ name: "Acme", tier: "gold" })).toEqual(WRITTEN);
  version += 5;
  expect(await after({ tier: "gold" })).toEqual(SKIPPED);
  version -= 4;
  expect(await after({ tier: "tin" })).toEqual({ outcome: "superseded", writes: 0 });
  version += 4;
  expect(await stored()).toMatchObject({ tier: "gold" });
});

test("one other field, or one that is new, and it goes out", async () => {
  expect(await after({ name: "Acme", tier: "gold", balance: 7 })).toEqual(WRITTEN);
  expect(await after({ tier: "gold", balance: 8 })).toEqual(WRITTEN);
  expect(await after({ tier: "gold", city: "Berlin" })).toEqual(WRITTEN);
  expect(await after({ tier: null })).toEqual(WRITTEN);
  expect(await after({ tier: null, balance: 8, city: "Berlin" })).toEqual(SKIPPED);
  expect(await after({ tier: "gold" })).toEqual(WRITTEN);
  expect(await stored()).toMatchObject({ tier: "gold", balance: 8, city: "Berlin" });
});

test("after a delete the same values are written again", async () => {
  expect(await after({ name: "Acme", tier: "gold" })).toEqual(WRITTEN);
  expect(await after("deleted")).toEqual(WRITTEN);
  expect(await stored()).toBeUndefined();
  expect(await after({ name: "Acme", tier: "gold" })).toEqual(WRITTEN);
  expect(await stored()).toMatchObject({ tier: "gold" });
});

test("a write whose answer is lost leaves nothing confirmed: the value of before is written again", async () => {
  expect(await after({ name: "Acme", tier: "gold" })).toEqual(WRITTEN);
  await fleet.control("POST", "/faults", { method: "PATCH", drop: "after commit", count: 3 });
  await send({ tier: "tin" });
  // The store holds tin now, and Sluice has not heard of it.
  await expect.poll(stored).toMatchObject({ tier: "tin" });
  await send({ tier: "gold" });
  await fleet.drained(30_000);
  await fleet.control("DELETE", "/faults");
  expect(await stored()).toMatchObject({ tier: "gold" });
});

test("a write that is refused confirms nothing: what was confirmed before is written again", async () => {
  expect(await after({ name: "Acme", tier: "gold" })).toEqual(WRITTEN);
  await fleet.control("POST", "/faults", {
    method: "PATCH",
    status: 422,
    body: { error: "RecordInvalid", description: "Record validation errors" },
  });
  expect((await after({ tier: "tin" })).outcome).toBe("dead");
  // The dead letter ends with a newer good event, written because nobody knows what the refused one left behind.
  expect((await after({ tier: "gold" })).writes).toBe(1);
  expect(await after({ tier: "gold" })).toEqual(SKIPPED);
  expect(await stored()).toMatchObject({ tier: "gold" });
});
