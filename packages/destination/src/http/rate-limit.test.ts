import { expect, test } from "vitest";
import { readRateLimit, readRetryAfterSeconds } from "./rate-limit.ts";

test("of both families of headers the one with less left counts", () => {
  expect(readRateLimit({ "x-rate-limit": "700", "x-rate-limit-remaining": "699" })).toEqual({
    limit: 700,
    remaining: 699,
  });
  expect(
    readRateLimit({
      "x-rate-limit": "700",
      "x-rate-limit-remaining": "699",
      "ratelimit-limit": "700",
      "ratelimit-remaining": "12",
      "ratelimit-reset": "41",
    }),
  ).toEqual({ limit: 700, remaining: 12, resetSeconds: 41 });
  expect(readRateLimit({ "x-rate-limit": "many" })).toBeUndefined();
});

test("Retry-After is read as seconds or as a date", () => {
  const nowMs = Date.parse("2026-11-23T08:00:00Z");
  expect(readRetryAfterSeconds({ "retry-after": "93" }, nowMs)).toBe(93);
  expect(readRetryAfterSeconds({ "retry-after": "Mon, 23 Nov 2026 08:01:00 GMT" }, nowMs)).toBe(60);
  expect(readRetryAfterSeconds({ "retry-after": "Mon, 23 Nov 2026 07:00:00 GMT" }, nowMs)).toBe(0);
  expect(readRetryAfterSeconds({ "retry-after": "86400" }, nowMs)).toBe(86_400);
  expect(readRetryAfterSeconds({ "retry-after": "0.5" }, nowMs)).toBe(0.5);
  expect(readRetryAfterSeconds({ "retry-after": "0" }, nowMs)).toBe(0);
  expect(readRetryAfterSeconds({}, nowMs)).toBeUndefined();
});

test.each(["soon", "-5", "in 5", "", "1e9", "1793520000", "9".repeat(400), "Mon, 23 Nov 9999 08:01:00 GMT"])(
  "Retry-After %j is no time to wait",
  (text) => {
    expect(readRetryAfterSeconds({ "retry-after": text }, Date.parse("2026-11-23T08:00:00Z"))).toBeUndefined();
  },
);

test("a date is counted from the answer's own, whatever our clock says", () => {
  const headers = { "retry-after": "Mon, 23 Nov 2026 08:01:00 GMT", date: "Mon, 23 Nov 2026 08:00:30 GMT" };
  expect(readRetryAfterSeconds(headers, Date.parse("2026-11-23T05:00:00Z"))).toBe(30);
  expect(readRetryAfterSeconds({ ...headers, date: "today" }, Date.parse("2026-11-23T08:00:00Z"))).toBe(60);
});

test.each([
  ["0", "0"],
  ["-1", "5"],
  ["700", "-3"],
  ["700", "12.5"],
  ["9".repeat(16), "1"],
  ["700, 700;w=60", "3"],
  ["", ""],
])("a limit of %j with %j left says nothing", (limit, remaining) => {
  expect(readRateLimit({ "x-rate-limit": limit, "x-rate-limit-remaining": remaining })).toBeUndefined();
});
