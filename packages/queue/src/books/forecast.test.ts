import { expect, test } from "vitest";
import { backlogSeconds, rememberSample, type ForecastSample } from "./forecast.ts";

const at = (seconds: number, ended: number, pending: number): ForecastSample => ({
  atMs: seconds * 1000,
  ended,
  pending,
});

test.each([
  ["one look says nothing yet", [at(0, 0, 10)], null],
  ["nothing was seen", [], null],
  ["no backlog", [at(0, 0, 10), at(5, 10, 0)], 0],
  ["no backlog, at the first look", [at(5, 10, 0)], 0],
  ["100 pending and 10 a second", [at(0, 0, 150), at(5, 50, 100)], 10],
  ["the same later, when more had ended", [at(100, 1000, 150), at(105, 1050, 100)], 10],
  ["nothing ends: never", [at(0, 7, 100), at(30, 7, 100)], Infinity],
] as const)("%s", (_, samples, expected) => {
  expect(backlogSeconds(samples)).toBe(expected);
});

test("what is older than a minute does not count", () => {
  const samples = [at(0, 0, 100), at(50, 1000, 100)].reduce<readonly ForecastSample[]>(rememberSample, []);
  expect(rememberSample(samples, at(100, 1000, 100))).toEqual([at(50, 1000, 100), at(100, 1000, 100)]);
});

test("what a clock that was set back has left in the future does not count, and does not pile up", () => {
  expect(rememberSample([at(3600, 0, 100)], at(0, 0, 100))).toEqual([at(0, 0, 100)]);
});
