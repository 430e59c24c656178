import { expect, test } from "vitest";
import type { Json } from "@sluice/event";
import { compareRecord, isEditedThere } from "./comparison.ts";

const same = (read: unknown, written: Json): boolean => (read ?? null) === written;
const stored = (fields: Readonly<Record<string, unknown>>) => ({
  fields: new Map(Object.entries(fields)),
  changedAtMs: null,
});
const confirmed = (fields: Readonly<Record<string, Json>>) => new Map(Object.entries(fields));

test.each([
  ["what was confirmed stands there, beside what is none of ours", { a: 1, b: null }, { a: 1, c: 3 }, "same", []],
  ["another value", { a: 1, b: 2 }, { a: 1, b: 3 }, "different", [{ field: "b", confirmed: 2, found: 3 }]],
  ["a value is gone", { a: 1 }, {}, "different", [{ field: "a", confirmed: 1, found: null }]],
  ["a cleared field is set", { a: null }, { a: 1 }, "different", [{ field: "a", confirmed: null, found: 1 }]],
  ["the record is gone", { a: 1 }, null, "missing", []],
  ["a deleted record is gone", null, null, "same", undefined],
  ["a deleted record is there again", null, { a: 1 }, "returned", []],
  ["no value is known", {}, { a: 1 }, "same", undefined],
])("%s", (_, was, is, kind, fields) => {
  const compared = compareRecord(was === null ? null : confirmed(was), is === null ? null : stored(is), same);
  expect(compared).toEqual(kind === "same" ? { kind } : { kind, fields });
});

test("a record was edited there where somebody changed it well after our last write; clocks are not exact", () => {
  expect([10_000, 11_000, 13_000].map((changedAtMs) => isEditedThere({ changedAtMs }, 10_000))).toEqual([
    false,
    false,
    true,
  ]);
  expect(isEditedThere({ changedAtMs: null }, 10_000)).toBeNull();
});
