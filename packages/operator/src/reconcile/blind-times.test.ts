import { expect, test } from "vitest";
import { blindTimes, isBlind } from "./blind-times.ts";

const HOUR = 3_600_000;
const AT = 1_793_520_000_000;
const LIVE = { confirmed: new Map([["tier", { version: 1n, rank: 0, tail: "" }]]) };
const FORGOTTEN = { confirmed: new Map() };

/** A state that went back at `AT` to what it was an hour before. */
function wentBack(why: "older" | "restored") {
  const micros = (ms: number): number => ms * 1000;
  const arrival = { known: micros(AT), found: micros(AT - HOUR) };
  return { why, at: new Date(AT).toISOString(), arrival, tokens: {} } as const;
}

test("a state that went back hides nothing that the history has: only what both lack is blind", () => {
  const gap = [AT - HOUR / 2, AT - HOUR / 3] as const;
  expect(blindTimes("crm", [wentBack("older")], []).everywhere).toEqual([]);
  const blind = blindTimes("crm", [wentBack("older")], [gap, [AT - 9 * HOUR, AT - 8 * HOUR]]);
  expect(blind.everywhere).toEqual([[gap[0] - 60_000, gap[1] + 60_000]]);
  expect(blindTimes("crm", [], [gap]).everywhere).toEqual([]);
});

test("of a state that was restored nobody knows what was written since its backup", () => {
  const { everywhere } = blindTimes("crm", [wentBack("restored")], []);
  expect(everywhere).toEqual([[AT - HOUR - 60_000, AT + 60_000]]);
});

test("the lower of the marks that fell says how far the state went back, and without one it is empty", () => {
  const gap = [0, AT] as const;
  const tokens = { crm: { known: 9, found: (AT - 2 * HOUR) * 1000 }, other: { known: 9, found: 1 } };
  const older = { ...wentBack("older"), tokens };
  expect(blindTimes("crm", [older], [gap]).everywhere[0]![0]).toBe(AT - 2 * HOUR - 60_000);
  const gone = { why: "gone", at: older.at, arrival: null, tokens: {} } as const;
  expect(blindTimes("crm", [gone], [gap]).everywhere[0]![0]).toBe(-60_000);
});

test.each([
  ["it was changed then, after our last write", LIVE, AT - HOUR / 2, AT - 2 * HOUR, true],
  ["it was changed later", LIVE, AT + HOUR, AT - 2 * HOUR, false],
  ["it was changed before", LIVE, AT - 3 * HOUR, AT - 4 * HOUR, false],
  ["nobody knows when, and our last write is older", LIVE, null, AT - 2 * HOUR, true],
  ["our last write is newer", LIVE, null, AT + HOUR, false],
])("%s", (_, live, changedAtMs, lastEndedMs, expected) => {
  const blind = { gaps: [], everywhere: [[AT - HOUR, AT] as const] };
  expect(isBlind(blind, live, changedAtMs, lastEndedMs)).toBe(expected);
});

test("where Redis has forgotten a record, a gap in the history is enough", () => {
  const blind = { gaps: [[AT - HOUR, AT] as const], everywhere: [] };
  const inGap = (live: typeof LIVE | typeof FORGOTTEN | null): boolean => isBlind(blind, live, AT - 1, AT - 2 * HOUR);
  expect([inGap(LIVE), inGap(FORGOTTEN), inGap(null)]).toEqual([false, true, true]);
});
