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
  expect(readRetryAfterSeconds({ "retry-after": "soon" }, nowMs)).toBeUndefined();
  expect(readRetryAfterSeconds({}, nowMs)).toBeUndefined();
});
