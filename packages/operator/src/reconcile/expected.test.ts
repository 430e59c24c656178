import { expect, test } from "vitest";
import { stampOf, type Stamp } from "@sluice/record";
import { expectedOf, type ConfirmedOnce, type Expected } from "./expected.ts";

function stamp(version: number): Stamp {
  const tie = { finerMicros: null, arrival: { micros: 1, session: 1 }, run: 0 };
  return stampOf({ kind: "integer", value: BigInt(version) }, 0, tie);
}

/** Versions by field; one that is negative was superseded when it was written. `deletion` likewise. */
function once(fields: Readonly<Record<string, number>>, deletion: number | null = null): ConfirmedOnce {
  const told = (version: number) => ({ stamp: stamp(Math.abs(version)), isShown: version > 0 });
  const entries = Object.entries(fields).map(([field, version]) => [field, told(version)] as const);
  return { fields: new Map(entries), deletion: deletion === null ? null : told(deletion) };
}

function live(confirmed: Readonly<Record<string, number>>, deleted: number | null = null) {
  const entries = Object.entries(confirmed).map(([field, version]) => [field, stamp(version)] as const);
  return { confirmed: new Map(entries), deleted: deleted === null ? null : stamp(deleted) };
}

function shown(expected: Expected): unknown {
  if (expected.kind !== "record") return expected.kind;
  const fields = Object.fromEntries([...expected.fields].map(([field, { version }]) => [field, Number(version)]));
  return expected.unknown.length === 0 ? fields : { ...fields, unknown: expected.unknown };
}

test.each<[string, ConfirmedOnce, ReturnType<typeof live> | null, unknown]>([
  ["both know the same", once({ tier: 2, city: 1 }), live({ tier: 2, city: 1 }), { tier: 2, city: 1 }],
  ["the history is behind the ledger", once({ tier: 2 }), live({ tier: 3 }), { tier: 3 }],
  ["the ledger went back", once({ tier: 3, city: 3 }), live({ tier: 2 }), { tier: 3, city: 3 }],
  ["the ledger is forgotten", once({ tier: 3 }), null, { tier: 3 }],
  ["a flight carried what a newer write replaced", once({ tier: 3 }), live({ tier: 3, city: 9 }), { tier: 3, city: 9 }],
  ["a delete was confirmed", once({ tier: 3 }, 4), live({}, 4), "gone"],
  ["a delete was confirmed, and forgotten", once({ tier: 3 }, 4), live({ tier: 3 }), "gone"],
  ["it was made again", once({ tier: 3, city: 5 }, 4), live({ city: 5 }, 4), { city: 5 }],
  // The null with which a delete clears a field of a record that lives on has the stamp of the delete.
  ["a delete cleared a field", once({ tier: 4, city: 5 }), live({ tier: 4, city: 5 }, 4), { tier: 4, city: 5 }],
  ["a delete was discarded", once({ tier: 3 }), live({ tier: 3 }, 9), { tier: 3 }],
  ["a delete was not seen to be confirmed", once({ tier: 3 }), live({}, 9), "unknown"],
  [
    "the destination has something newer",
    once({ tier: -3, city: 2 }),
    live({ tier: 3, city: 2 }),
    { city: 2, unknown: ["tier"] },
  ],
  ["it has, and a newer one was confirmed since", once({ tier: -3 }), live({ tier: 4 }), { tier: 4 }],
  ["all of it is newer there", once({ tier: -3 }), live({ tier: 3 }), "unknown"],
  ["a delete was superseded", once({}, -4), live({}, 4), "unknown"],
])("%s", (_, past, now, expected) => {
  expect(shown(expectedOf(past, now))).toEqual(expected);
});
