import { expect, test } from "vitest";
import { clockTime, distance, duration, milliseconds, wholeTime } from "./time.ts";

/** The text with common spaces in place of no-break spaces. */
const spaced = (text: string): string => text.replaceAll("\u00a0", " ");

test.each([
  [0, "0 s"],
  [0.2, "< 1 s"],
  [42, "42 s"],
  [371, "6 min"],
  [5_400, "1 h 30 min"],
  [7_200, "2 h"],
  [86_400, "24 h"],
  [3 * 86_400, "3 d"],
])("%d seconds are said as %s", (seconds, said) => {
  expect(spaced(duration(seconds))).toBe(said);
});

test("milliseconds are told as such only while they matter", () => {
  expect([12.4, 1_440, 20_000].map((ms) => spaced(milliseconds(ms)))).toEqual(["12 ms", "1.4 s", "20 s"]);
});

test("times lie behind or ahead, and right now is neither", () => {
  const nowMs = Date.parse("2026-11-28T11:00:00.000Z");
  expect(spaced(distance("2026-11-28T10:55:00.000Z", nowMs))).toBe("5 min ago");
  expect(spaced(distance("2026-11-28T11:00:42.000Z", nowMs))).toBe("in 42 s");
  expect(spaced(distance("2026-11-28T11:00:00.400Z", nowMs))).toBe("now");
});

test("a time of another day says which day", () => {
  const nowMs = Date.parse("2026-11-28T11:00:00.000Z");
  expect(clockTime("2026-11-28T10:55:00.000Z", nowMs)).toMatch(/^\d\d:55:00$/);
  expect(clockTime("2026-11-08T10:55:00.000Z", nowMs)).toMatch(/^8 Nov, \d\d:55:00$/);
  expect(wholeTime("2026-11-08T10:55:00.000Z")).toBe("2026-11-08 10:55:00.000 UTC");
});
