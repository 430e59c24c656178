import { expect, test } from "vitest";
import { LIMITS } from "../limits.ts";
import { fieldDrifts, type FieldDrift } from "./field-drift.ts";
import { createProfile, type FieldProfile } from "./field-profile.ts";

function profileOf(count: number, bodyOf: (at: number) => unknown): FieldProfile {
  const profile = createProfile();
  for (let at = 0; at < count; at += 1) profile.add(bodyOf(at));
  return profile.profile;
}

const BODY = { data: { id: "4711", tier: "gold", balance: 12.5, note: null, lines: [{ sku: "a", count: 1 }] } };

function driftsTo(bodyOf: (at: number) => unknown, { before = 100, now = 100 } = {}): readonly FieldDrift[] {
  return fieldDrifts(
    profileOf(before, () => BODY),
    profileOf(now, bodyOf),
  );
}

test("the same fields are no drift, whatever their values, and null is of every kind", () => {
  expect(driftsTo(() => ({ data: { ...BODY.data, tier: "silver", note: null, balance: null } }))).toEqual([]);
});

test("a field that is new, gone or of another kind is told once, and not each below it", () => {
  const { tier, lines, ...data } = BODY.data;
  expect([tier, lines]).toHaveLength(2);
  const address = { city: "Ulm", street: { name: "Hafengasse" } };
  expect(driftsTo(() => ({ data: { ...data, balance: "12.50", address } }))).toEqual([
    { field: "data.address", what: "new", before: null, now: "object" },
    { field: "data.balance", what: "retyped", before: "number", now: "text" },
    { field: "data.lines", what: "vanished", before: "list", now: null },
    { field: "data.tier", what: "vanished", before: "text", now: null },
  ]);
  expect(
    driftsTo(() => ({
      data: {
        ...BODY.data,
        lines: [
          { sku: "a", count: 1 },
          { sku: 7, count: 1 },
        ],
      },
    })),
  ).toEqual([{ field: "data.lines[].sku", what: "retyped", before: "text", now: "number or text" }]);
});

test("what chance may have left out of a sample is no drift", () => {
  const rare = (at: number) => (at % 20 === 0 ? { data: { ...BODY.data, vat: "DE1" } } : BODY);
  // Five in a hundred have it: that a hundred others lack it happens once in 170 times.
  expect(driftsTo(rare)).toEqual([]);
  expect(driftsTo(rare, { before: 400 }).map(({ field }) => field)).toEqual(["data.vat"]);
  expect(driftsTo(() => ({}), { now: LIMITS.driftBodies - 1 })).toEqual([]);
  expect(driftsTo(() => ({}), { now: LIMITS.driftBodies }).map(({ field }) => field)).toEqual(["data"]);
});

test("a body with more fields than a profile holds is held in part", () => {
  const many = Object.fromEntries(Array.from({ length: LIMITS.profileFields * 2 }, (_, at) => [`f${at}`, at]));
  expect(profileOf(2, () => many).fields.size).toBe(LIMITS.profileFields);
});

test("a field that a full profile has no room for is not told as gone, nor as new", () => {
  const crowded = (at: number) => ({
    ids: Object.fromEntries(Array.from({ length: 9 }, (_, id) => [`${at}-${id}`, 1])),
    ...BODY,
  });
  const [plain, full] = [
    profileOf(100, () => BODY),
    profileOf(100, (at) => (at < 60 ? { ids: crowded(at).ids } : crowded(at))),
  ];
  expect([plain.isWhole, full.isWhole]).toEqual([true, false]);
  expect(full.fields.has("data")).toBe(false);
  expect(fieldDrifts(plain, full).filter(({ what }) => what === "vanished")).toEqual([]);
  expect(fieldDrifts(full, plain).filter(({ what }) => what === "new")).toEqual([]);
});
