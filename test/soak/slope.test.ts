import { expect, test } from "vitest";
import { quantileOf, slopePerHour } from "./slope.ts";

const MINUTE_MS = 60_000;

test("a value that grows by two each minute grows by 120 an hour, whatever it began with", () => {
  const points = [0, 1, 2, 3].map((minute) => ({ atMs: minute * MINUTE_MS, value: 500 + 2 * minute }));
  expect(slopePerHour(points)).toBeCloseTo(120, 6);
  expect(slopePerHour(points.map(({ atMs }) => ({ atMs, value: 7 })))).toBe(0);
  expect(slopePerHour(points.slice(0, 1))).toBe(0);
});

test("values that go up and down around a level have no slope to speak of", () => {
  const points = Array.from({ length: 61 }, (_, at) => ({
    atMs: at * MINUTE_MS,
    value: 100 + (at % 2 === 0 ? 5 : -5),
  }));
  expect(Math.abs(slopePerHour(points))).toBeLessThan(1);
});

test("a share of a histogram lies below the bound of its bucket", () => {
  const buckets = new Map([
    [0.1, 90],
    [1, 99],
    [Number.POSITIVE_INFINITY, 100],
  ]);
  expect(quantileOf(buckets, 0.5)).toBe(0.1);
  expect(quantileOf(buckets, 0.99)).toBe(1);
  expect(quantileOf(new Map(), 0.5)).toBeNaN();
});
