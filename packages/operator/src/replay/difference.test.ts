import { expect, test } from "vitest";
import type { Json } from "@sluice/event";
import { stampOf, type Change, type MappedEvent } from "@sluice/record";
import { differenceOf, isWorthwhile, type DifferenceKind, type MadeChange } from "./difference.ts";

const ARRIVAL = { micros: 1_793_520_000_000_000, session: 3 };
const TIE = { finerMicros: null, arrival: ARRIVAL };

function made(
  fields: Readonly<Record<string, Json>>,
  more: Partial<MadeChange> & { version?: bigint } = {},
): MadeChange {
  const { version = 1n, ...rest } = more;
  return {
    record: { destination: "crm", object: "customer", by: "external_id", key: "c-1" },
    effect: "fields",
    stamp: stampOf({ kind: "integer", value: version }, 0, { ...TIE, run: 0 }),
    word: "accepted",
    fields,
    hidden: [],
    ...rest,
  };
}

function change(fields: Readonly<Record<string, Json>> | "delete", more: Partial<Change> = {}): Change {
  return {
    destination: "crm",
    object: "customer",
    key: { by: "external_id", value: "c-1" },
    version: { kind: "integer", value: 1n },
    effect: fields === "delete" ? { kind: "delete" } : { kind: "fields", fields: new Map(Object.entries(fields)) },
    ...more,
  };
}

function mapped(changes: readonly Change[], faults: MappedEvent["faults"] = []): MappedEvent {
  const event = { id: "e", type: "t", time: null, source: "erp", data: null, headers: {} };
  return { event, rank: 0, arrival: ARRIVAL, run: 9, changes, faults };
}

const FAULT = {
  destination: "crm",
  object: "customer",
  code: "mapping_failed",
  place: "sources.erp.records[0].version",
  expression: "x",
  message: "m",
} as const;

test.each<[string, readonly MadeChange[], readonly unknown[], MappedEvent, DifferenceKind]>([
  ["the same values", [made({ tier: "gold" })], [], mapped([change({ tier: "gold" })]), "unchanged"],
  ["the same lists", [made({ tags: ["a", 1] })], [], mapped([change({ tags: ["a", 1] })]), "unchanged"],
  ["another value", [made({ tier: "gold" })], [], mapped([change({ tier: "silver" })]), "changed"],
  ["a field more", [made({ tier: "gold" })], [], mapped([change({ tier: "gold", city: null })]), "changed"],
  ["a field less", [made({ tier: "gold", city: "Ulm" })], [], mapped([change({ tier: "gold" })]), "changed"],
  ["another version", [made({ tier: "gold" }, { version: 2n })], [], mapped([change({ tier: "gold" })]), "changed"],
  ["a delete instead", [made({ tier: "gold" })], [], mapped([change("delete")]), "changed"],
  ["the same delete", [made({}, { effect: "delete" })], [], mapped([change("delete")]), "unchanged"],
  [
    "a value that nobody knows any more",
    [made({}, { hidden: ["tier"] })],
    [],
    mapped([change({ tier: "gold" })]),
    "changed",
  ],
  [
    "another record",
    [made({ tier: "gold" })],
    [],
    mapped([change({ tier: "gold" }, { key: { by: "external_id", value: "c-2" } })]),
    "changed",
  ],
  ["something after nothing", [], [], mapped([change({ tier: "gold" })]), "newly_wanted"],
  ["nothing after something", [made({ tier: "gold" })], [], mapped([]), "taken_back"],
  ["nothing, then and now", [], [], mapped([]), "ignored"],
  ["something after a fault", [], [FAULT], mapped([change({ tier: "gold" })]), "mended"],
  ["a fault", [made({ tier: "gold" })], [], mapped([], [FAULT]), "dead"],
  ["a fetch", [], [], mapped([change({ "": 1 }, { destination: "fetch:erp" })]), "fetched_again"],
])("%s is told apart", (_, changes, faults, now, kind) => {
  expect(differenceOf({ changes, faults }, now).kind).toBe(kind);
});

test("what the mapping leaves as it was is sent again only where somebody asks for it, and nothing is not sent at all", () => {
  const unchanged = differenceOf({ changes: [made({ tier: "gold" })], faults: [] }, mapped([change({ tier: "gold" })]));
  expect([isWorthwhile(unchanged, "skip"), isWorthwhile(unchanged, "send")]).toEqual([false, true]);
  const takenBack = differenceOf({ changes: [made({ tier: "gold" })], faults: [] }, mapped([]));
  expect([isWorthwhile(takenBack, "skip"), isWorthwhile(takenBack, "send")]).toEqual([false, false]);
});
