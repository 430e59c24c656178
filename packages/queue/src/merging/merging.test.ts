import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import type { Change, MappedEvent, MappingFault, Version } from "@sluice/record";
import { nextArrival } from "../arrival.fixture.ts";
import { ORDER } from "../claims/claim-order.fixture.ts";
import { openQueue, type Queue } from "../queue.ts";

let queue: Queue;
const HOUR_MS = 3_600_000;
beforeEach(async () => {
  queue = await openQueue({
    redisUrl: inject("redisUrl"),
    kind: "door",
    destinations: ["crm", "other"],
    dedupeWindowMs: HOUR_MS,
    orderingHorizonMs: HOUR_MS,
    namespace: `merging-${randomUUID()}`,
    onError: (error) => console.error(error),
  });
});
afterEach(async () => await queue.close());

const integer = (value: bigint): Version => ({ kind: "integer", value });

function change(version: Version | null, value: unknown, more: Partial<Change> = {}): Change {
  return {
    destination: "crm",
    object: "customer",
    key: { by: "external_id", value: "c-1" },
    version,
    effect: { kind: "fields", fields: new Map([["tier", value as string]]) },
    ...more,
  };
}

function event(id: string, changes: readonly Change[], source = "erp"): MappedEvent {
  const seen = { id, type: "t", time: null, source, data: null, headers: {} };
  return { event: seen, rank: 0, arrival: nextArrival(), run: 0, changes, faults: [] };
}

async function pending(): Promise<unknown> {
  const claimed = await queue.lane("crm").claim(ORDER);
  if (claimed.kind !== "claimed") throw new Error("held");
  return claimed.claims[0]?.snapshot.fields.get("tier")?.value;
}

test("without a version the last to arrive wins, also within one millisecond", async () => {
  for (let n = 1; n <= 20; n += 1) await queue.merging.merge([event(`e${n}`, [change(null, `v${n}`)])]);
  expect(await pending()).toBe("v20");
});

test("of equal versions the last to arrive wins, whatever the ids and the order of understanding, and is counted as a tie", async () => {
  const all = Array.from({ length: 12 }, (_, n) => event(`e${99 - n}`, [change(integer(7n), `v${n}`)]));
  for (const each of [...all.slice(6), ...all.slice(0, 6)]) await queue.merging.merge([each]);
  expect(await pending()).toBe("v11");
  expect((await queue.lane("crm").numbers()).ties.get("erp")).toBe(11);
});

test("a version of the other kind is a dead letter, because times and integers don't compare", async () => {
  await queue.merging.merge([event("e1", [change(integer(5n), "by integer")])]);
  const byTime: Version = { kind: "time", micros: 1_700_000_000_000_000n };
  expect(await queue.merging.merge([event("e2", [change(byTime, "by time")])])).toEqual(["dead"]);
  expect(await queue.merging.merge([event("e3", [change(null, "by arrival")])])).toEqual(["dead"]);
  expect(await Array.fromAsync(queue.lane("crm").dead.all())).toMatchObject([
    { reason: { code: "version_kind" }, key: { value: "c-1" } },
    { reason: { code: "version_kind" }, key: { value: "c-1" } },
  ]);
  expect(await pending()).toBe("by integer");
  const { accepted, outcomes } = await queue.lane("crm").numbers();
  expect(accepted.get("erp")).toBe(3);
  expect(outcomes.get("dead")?.get("erp")).toBe(2);
});

test("a stray version among others that come in at once is told, too", async () => {
  const byTime: Version = { kind: "time", micros: 1_700_000_000_000_000n };
  const all = [event("e1", [change(integer(5n), "by integer")]), event("e2", [change(byTime, "by time")])];
  expect(await queue.merging.merge(all)).toEqual(["accepted", "dead"]);
  expect(await pending()).toBe("by integer");
});

test("rows that could not be read and good changes that come in at once are each taken for what they are", async () => {
  const fault: MappingFault = {
    destination: "crm",
    object: "customer",
    code: "mapping_failed",
    place: "0",
    expression: "",
    message: "",
  };
  const bad = (id: string): MappedEvent => ({ ...event(id, []), faults: [fault] });
  const other = change(integer(1n), "other", { key: { by: "external_id", value: "c-2" } });
  const all = [bad("e1"), event("e2", [change(integer(5n), "good")]), bad("e3"), event("e4", [other])];
  expect(await queue.merging.merge(all)).toEqual(["dead", "accepted", "dead", "accepted"]);
  const letters = await Array.fromAsync(queue.lane("crm").dead.all());
  expect(new Set(letters.map(({ events }) => events[0]?.id))).toEqual(new Set(["e1", "e3"]));
  expect([await pending(), await pending()]).toEqual(["good", "other"]);
});

test("the kind that the configuration says stands, whatever came in first", async () => {
  const byTime: Version = { kind: "time", micros: 1_700_000_000_000_000n };
  expect(await queue.merging.merge([event("stray", [change(integer(1n), "stray")])])).toEqual(["accepted"]);
  const said = change(byTime, "by time", { isKindSaid: true });
  expect(await queue.merging.merge([event("e1", [said])])).toEqual(["accepted"]);
  expect(await queue.merging.merge([event("e2", [change(integer(2n), "stray")])])).toEqual(["dead"]);
  expect(await pending()).toBe("by time");
});

test("a record that one script opens and leaves without anything to write is not due", async () => {
  const older = (version: bigint, effect: Change["effect"], id: string) =>
    event(id, [change(integer(version), null, { effect })]);
  const name = { kind: "fields", fields: new Map([["standard::name", "Ada"]]) } as const;
  await queue.merging.merge([event("e10", [change(integer(10n), "gold")])]);
  const claimed = await queue.lane("crm").claim(ORDER);
  if (claimed.kind !== "claimed") throw new Error("held");
  await queue.lane("crm").settleFields(claimed.claims[0]!);
  // The event that was merged before keeps the others from being joined: they come one after the other, in one script.
  const words = await queue.merging.merge([
    event("e10", [change(integer(10n), "gold")]),
    older(3n, name, "e3"),
    older(5n, { kind: "delete" }, "e5"),
  ]);
  expect(words).toEqual(["duplicate", "accepted", "superseded"]);
  expect((await queue.lane("crm").numbers()).pendingRecords).toBe(0);
});

test("integers beyond 2^53 are compared exactly", async () => {
  const large = 2n ** 63n - 1n;
  await queue.merging.merge([event("e1", [change(integer(large), "newest")])]);
  expect(await queue.merging.merge([event("e2", [change(integer(large - 1n), "older")])])).toEqual(["superseded"]);
  expect(await pending()).toBe("newest");
});

test("values come back as they went in: exact, empty lists included", async () => {
  const value = { list: [], nothing: null, id: "9007199254740993", text: "ü\u0000 ✓" };
  await queue.merging.merge([event("e1", [change(integer(1n), value)])]);
  expect(await pending()).toEqual(value);
});

test("the same event id of another source is another event", async () => {
  await queue.merging.merge([event("e1", [change(integer(1n), "a")], "erp")]);
  expect(await queue.merging.merge([event("e1", [change(integer(2n), "b")], "shop")])).toEqual(["accepted"]);
  expect(await queue.merging.merge([event("e1", [change(integer(3n), "c")], "erp")])).toEqual(["duplicate"]);
});

test("an event on several records counts once for each, and is told by the one that matters most", async () => {
  const other = change(integer(1n), "b", { destination: "other" });
  expect(await queue.merging.merge([event("e1", [change(integer(1n), "a"), other])])).toEqual(["accepted"]);
  const newer = change(integer(2n), "c", { key: { by: "external_id", value: "c-2" } });
  expect(await queue.merging.merge([event("e2", [change(integer(0n), "late"), newer])])).toEqual(["accepted"]);
  expect((await queue.lane("crm").numbers()).accepted.get("erp")).toBe(3);
  expect((await queue.lane("other").numbers()).accepted.get("erp")).toBe(1);
});

test("what is handed in at once is answered each for itself, in order", async () => {
  const events = Array.from({ length: 300 }, (_, n) => event(`e${n % 200}`, [change(integer(BigInt(n)), `v${n}`)]));
  const words = await queue.merging.merge(events);
  // Only the newest of changes that are merged together is left; the others are told so.
  expect(words.slice(0, 200)).toEqual([...Array.from({ length: 199 }, () => "superseded"), "accepted"]);
  expect(words.slice(200)).toEqual(Array.from({ length: 100 }, () => "duplicate"));
  expect(await pending()).toBe("v199");
});
