import { expect, test } from "vitest";
import type { LiveRecord } from "@sluice/queue";
import { waitsFor } from "./waits-for.ts";

const NOW = Date.UTC(2026, 10, 28);
const FACTS = {
  object: "customer",
  state: "due",
  nowMs: NOW,
  dueMs: NOW,
  attempts: 0,
  lastFailure: null,
  flight: null,
  isPosted: false,
  letter: null,
} satisfies Partial<LiveRecord>;
const FLOWS = { gate: { hold: null, allowed: null } };
const HELD = { gate: { hold: { reason: "operator", note: "their upgrade", forMs: null }, allowed: null } };
const told = (facts: Partial<typeof FACTS> | Partial<LiveRecord>, numbers: typeof FLOWS | typeof HELD = FLOWS) =>
  waitsFor("crm", { ...FACTS, ...facts }, numbers).map(({ code, untilMs }) => [code, untilMs]);

test("a record waits for what is nearest to it, and then for its destination", () => {
  expect(told({ state: "quiet", dueMs: null }, HELD)).toEqual([]);
  expect(told({ state: "due" })).toEqual([["turn", null]]);
  expect(told({ state: "due" }, HELD)).toEqual([["held", null]]);
  expect(told({ state: "parked", dueMs: null }, HELD)).toEqual([
    ["parked", null],
    ["held", null],
  ]);
  expect(told({ state: "waiting", dueMs: NOW + 5 }, HELD)).toEqual([
    ["attempt", NOW + 5],
    ["held", null],
  ]);
  expect(told({ state: "waiting", dueMs: NOW + 5, isPosted: true })).toEqual([["posted", NOW + 5]]);
  expect(told({ state: "flying", dueMs: NOW + 5 })).toEqual([["flying", NOW + 5]]);
  expect(told({ state: "dead", dueMs: null }, HELD)).toEqual([["dead", null]]);
});

test("a reason says what failed, and who holds", () => {
  const facts = { ...FACTS, state: "waiting", attempts: 3, lastFailure: "status_503" } as const;
  expect(waitsFor("crm", facts, HELD).map(({ text }) => text)).toEqual([
    "attempt 3 failed (status_503), and the next one waits",
    "crm is held (an operator: their upgrade)",
  ]);
  const broken = { gate: { hold: { reason: "breaker", note: "", forMs: 5 }, allowed: null } };
  expect(waitsFor("crm", { ...FACTS, state: "due" }, broken).map(({ text }) => text)).toEqual([
    "crm is held (it failed too often in a row)",
  ]);
});

test("an object that its destination lacks, or takes nothing of, is named, and no attempt is told as failed", () => {
  const said = (lastFailure: string): readonly string[] =>
    waitsFor("crm", { ...FACTS, state: "waiting", lastFailure }, FLOWS).map(({ text }) => text);
  expect(said("object_missing")).toEqual([expect.stringMatching(/^crm has no object customer: make it there, /)]);
  expect(said("object_held")).toEqual([expect.stringMatching(/^crm takes no record of customer, /)]);
});
