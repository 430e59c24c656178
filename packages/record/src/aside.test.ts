import { expect, test } from "vitest";
import { asideOf } from "./aside.ts";
import { tallyAside, type Snapshot } from "./state.ts";
import type { Stamp } from "./stamp.ts";

const STAMP: Stamp = { version: 1n, rank: 0, tail: "" };

/** Fields with the number and the source of the change that each came from; 0: the field was refused before. */
function sent(fields: Record<string, readonly [number, string]>): Snapshot {
  const entries = Object.entries(fields).map(
    ([field, [change, source]]) => [field, { change, source, stamp: STAMP, value: "v" }] as const,
  );
  return { deletion: null, fields: new Map(entries), open: new Map() };
}

test.each([
  ["what is named is set aside", { currency: [1, "stripe"], email: [1, "stripe"] }, ["currency"], ["currency"]],
  ["where all is named all is dead", { currency: [1, "stripe"] }, ["currency"], []],
  ["a name that was not sent is none", { currency: [1, "stripe"], email: [1, "stripe"] }, ["base"], []],
  [
    "where nothing is named the newcomer alone is tried",
    { currency: [0, "stripe"], email: [2, "shop"] },
    [],
    ["currency"],
  ],
  ["what is refused alone is dead", { currency: [0, "stripe"] }, [], []],
] as const)("%s", (_what, fields, named, expected) => {
  expect(asideOf(sent(fields), named)).toEqual(expected);
});

test("a change is dead once nothing of it lives", () => {
  const snapshot = sent({ currency: [1, "stripe"], country: [2, "shop"], email: [2, "shop"], old: [0, "erp"] });
  expect(tallyAside(snapshot, ["currency", "old"])).toEqual(new Map([["stripe", new Map([["dead", 1]])]]));
  expect(tallyAside(snapshot, ["country"])).toEqual(new Map());
});
