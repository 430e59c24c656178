import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, DEFAULT_RETRY, longestWaitMs, type Answer } from "./verdict.ts";

const FIRST = { attempts: 0, failingForMs: 0, random: 0.5 };
const reply = (status: number, more: Partial<Extract<Answer, { kind: "reply" }>> = {}): Answer => ({
  kind: "reply",
  status,
  ...more,
});

test.each([
  ["200 settles", "fields", reply(200), { kind: "settle", health: "good" }],
  ["201 settles", "fields", reply(201), { kind: "settle", health: "good" }],
  ["204 to a delete settles", "delete", reply(204), { kind: "settle" }],
  ["a delete of what is not there settles", "delete", reply(404, { errorCode: "RecordNotFound" }), { kind: "settle" }],
  [
    "404 to an upsert is dead: the object is missing",
    "fields",
    reply(404, { errorCode: "RecordNotFound" }),
    { kind: "bury", code: "RecordNotFound" },
  ],
  ["404 of the endpoint is dead", "delete", reply(404, { errorCode: "InvalidEndpoint" }), { kind: "bury" }],
  [
    "400 is dead, and says nothing about the destination's health",
    "fields",
    reply(400),
    { kind: "bury", health: "unheard" },
  ],
  ["413 is dead", "fields", reply(413), { kind: "bury" }],
  ["422 is dead", "fields", reply(422, { errorCode: "RecordInvalid" }), { kind: "bury", code: "RecordInvalid" }],
  [
    "429 holds for the whole Retry-After and the breaker hears nothing",
    "fields",
    reply(429, { retryAfterSeconds: 3600 }),
    { kind: "hold", health: "unheard", holdMs: 3_600_000, reason: "rate_limit" },
  ],
  ["429 with no time at all holds for a moment", "fields", reply(429, { retryAfterSeconds: 0 }), { holdMs: 1000 }],
  ["429 without a time holds for a while", "fields", reply(429), { kind: "hold", holdMs: 30_000 }],
  ["TooManyJobs holds", "fields", reply(422, { errorCode: "TooManyJobs" }), { kind: "hold", reason: "rate_limit" }],
  [
    "401 holds until somebody acts, nothing dies",
    "fields",
    reply(401),
    { kind: "hold", health: "unheard", holdMs: null, reason: "credentials" },
  ],
  ["403 holds, nothing dies", "fields", reply(403), { kind: "hold", reason: "credentials" }],
  [
    "409 comes again soon and counts for the record alone",
    "fields",
    reply(409),
    { kind: "retry", health: "unheard", delayMs: 250 },
  ],
  ["408 waits", "fields", reply(408), { kind: "retry", health: "bad", holdMs: 0 }],
  ["500 waits", "fields", reply(500), { kind: "retry", health: "bad" }],
  ["502 waits", "fields", reply(502), { kind: "retry", health: "bad" }],
  [
    "503 waits, and its Retry-After holds the destination",
    "fields",
    reply(503, { retryAfterSeconds: 7 }),
    { kind: "retry", health: "bad", holdMs: 7000 },
  ],
  ["504 waits", "delete", reply(504), { kind: "retry", health: "bad" }],
  [
    "silence waits",
    "fields",
    { kind: "silence", code: "destination_timeout", message: "" },
    { kind: "retry", health: "bad", reason: "destination_timeout" },
  ],
] as const)("%s", (_, effect, answer, expected) => {
  expect(decide(effect, answer, FIRST)).toMatchObject(expected);
});

test("the last attempt, and the deadline, end in a dead letter", () => {
  const last = { ...FIRST, attempts: DEFAULT_RETRY.maxAttempts - 1 };
  expect(decide("fields", reply(500), last)).toMatchObject({ kind: "bury", health: "bad" });
  expect(decide("fields", reply(409), last)).toMatchObject({ kind: "bury" });
  expect(decide("fields", reply(500), { ...FIRST, failingForMs: DEFAULT_RETRY.deadlineMs })).toMatchObject({
    kind: "bury",
  });
});

test("a retry's delay is never more than its bound, and never nothing", () => {
  fc.assert(
    fc.property(fc.nat({ max: 18 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempts, random) => {
      const verdict = decide("fields", reply(500), { attempts, failingForMs: 0, random });
      if (verdict.kind !== "retry") throw new Error(verdict.kind);
      expect(verdict.delayMs).toBeGreaterThan(0);
      expect(verdict.delayMs).toBeLessThanOrEqual(Math.min(DEFAULT_RETRY.longestDelayMs, 500 * 2 ** attempts));
    }),
  );
});

test("docs/retries.md has the whole table of waits", () => {
  const seconds = (ms: number): string => `${ms / 1000} s`;
  let sumMs = 0;
  const rows = Array.from({ length: DEFAULT_RETRY.maxAttempts - 1 }, (_, attempts) => {
    const waitMs = longestWaitMs(attempts, DEFAULT_RETRY);
    sumMs += waitMs;
    return `| ${attempts + 1} | ${seconds(waitMs)} | ${seconds(sumMs)} |`;
  });
  const docs = readFileSync(new URL("../../../docs/retries.md", import.meta.url), "utf8");
  expect(docs).toContain([...rows, `| ${DEFAULT_RETRY.maxAttempts} | dead letter | |`].join("\n"));
});
