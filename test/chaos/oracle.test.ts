import { expect, test } from "vitest";
import { expectedRecords, type Change, type Value } from "./oracle.ts";

const at = (version: bigint, fields: Record<string, Value> | null, rank = 0, id = "e"): Change => ({
  record: "contact c-1",
  stamp: { version, rank, id },
  fields: fields === null ? null : new Map(Object.entries(fields)),
});

/** The changes in the order of their sending, and the record that they must make; null: there is none. */
const CASES: readonly [string, readonly Change[], Record<string, Value> | null][] = [
  ["the newest of each field", [at(2n, { name: "b" }), at(1n, { name: "a", tier: "x" })], { name: "b", tier: "x" }],
  ["null clears", [at(1n, { name: "a", tier: "x" }), at(2n, { tier: null })], { name: "a" }],
  ["a delete", [at(1n, { name: "a" }), at(2n, null)], null],
  ["what is older than a delete came late", [at(2n, null), at(1n, { name: "a" })], null],
  [
    "a recreation keeps nothing",
    [at(1n, { name: "a", tier: "x" }), at(3n, { name: "c" }), at(2n, null)],
    { name: "c" },
  ],
  ["an older null does not clear", [at(2n, { tier: "x" }), at(1n, { tier: null })], { tier: "x" }],
  ["of equal versions the later source", [at(1n, { tier: "x" }, 1), at(1n, { tier: "y" }, 0)], { tier: "x" }],
  ["then the larger id", [at(1n, { tier: "x" }, 0, "b"), at(1n, { tier: "y" }, 0, "a")], { tier: "x" }],
  ["versions beyond 2^53", [at(2n ** 62n + 1n, { tier: "x" }), at(2n ** 62n, { tier: "y" })], { tier: "x" }],
];

test.for(CASES)("the oracle knows: %s", ([, changes, expected]) => {
  const record = expectedRecords(changes).get("contact c-1");
  expect(record === undefined ? null : Object.fromEntries(record)).toEqual(expected);
});
