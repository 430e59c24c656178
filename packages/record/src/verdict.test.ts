import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Answer } from "./answer.ts";
import { decide, DEFAULT_RETRY, longestWaitMs } from "./verdict.ts";

const FIRST = { attempts: 0, failingForMs: 0, random: 0.5 };
const SAID = { code: "c", message: "m" };
const DOWN: Answer = { kind: "down", ...SAID, forMs: 0 };

test.each([
  ["done settles", { kind: "done" }, { kind: "settle", health: "good" }],
  ["gone settles", { kind: "gone" }, { kind: "settle", health: "good" }],
  [
    "what is newer there settles",
    { kind: "superseded", ...SAID },
    { kind: "settle", health: "good", superseded: true },
  ],
  [
    "a refused record is dead, and says nothing about the destination's health",
    { kind: "record", ...SAID, names: ["tier"] },
    { kind: "bury", health: "unheard", code: "c", names: ["tier"], all: false },
  ],
  [
    "what can't be split is dead",
    { kind: "split", ...SAID },
    { kind: "bury", health: "unheard", code: "c", names: [] },
  ],
  ["a refusal that names no field blames none", { kind: "record", ...SAID }, { kind: "bury", names: [], all: false }],
  [
    "a quota that is used up holds for the whole time that was named, and the breaker hears nothing",
    { kind: "slow", ...SAID, forMs: 3_600_000 },
    { kind: "hold", health: "unheard", holdMs: 3_600_000, reason: "rate_limit" },
  ],
  ["no time at all holds for a moment", { kind: "slow", ...SAID, forMs: 0 }, { kind: "hold", holdMs: 1000 }],
  ["no named time holds for a while", { kind: "slow", ...SAID, forMs: null }, { kind: "hold", holdMs: 30_000 }],
  [
    "refused credentials hold until somebody acts, nothing dies",
    { kind: "credentials", ...SAID, againMs: null },
    { kind: "hold", health: "unheard", holdMs: null, reason: "credentials" },
  ],
  [
    "what is forbidden to everybody is tried again after a while",
    { kind: "credentials", ...SAID, againMs: 60_000 },
    { kind: "hold", holdMs: 60_000, reason: "credentials" },
  ],
  [
    "an object that takes no record is held, and no other",
    { kind: "stop", ...SAID, scope: "object" },
    { kind: "holdObject", health: "unheard", pauseMs: 60_000, code: "c" },
  ],
  [
    "a destination that takes no record is held, and tried again",
    { kind: "stop", ...SAID, scope: "destination" },
    { kind: "hold", health: "unheard", holdMs: 60_000, reason: "stopped" },
  ],
  [
    "again comes again soon and counts for the record alone",
    { kind: "again", ...SAID },
    { kind: "retry", health: "unheard", delayMs: 250, unsettled: false },
  ],
  [
    "a token that is too old is raised above the newest one, and that is no attempt",
    { kind: "again", ...SAID, newestToken: "17" },
    { kind: "retry", health: "unheard", spent: false, newestToken: "17" },
  ],
  [
    "trouble at the destination waits",
    { kind: "down", ...SAID, forMs: 0 },
    { kind: "retry", health: "bad", holdMs: 0, reason: "c", unsettled: false },
  ],
  [
    "trouble that names a time holds the destination",
    { kind: "down", ...SAID, forMs: 7000 },
    { kind: "retry", health: "bad", holdMs: 7000 },
  ],
  [
    "silence waits, and the write may land yet",
    { kind: "unknown", ...SAID },
    { kind: "retry", health: "bad", reason: "c", unsettled: true },
  ],
] as const)("%s", (_, answer: Answer, expected) => {
  expect(decide(answer, FIRST)).toMatchObject(expected);
});

test("the destination's fault, and silence, bury nothing before the deadline, however many attempts there were", () => {
  const many = { ...FIRST, attempts: 5000, failingForMs: DEFAULT_RETRY.deadlineMs - 1 };
  expect(decide(DOWN, many)).toMatchObject({ kind: "retry" });
  expect(decide({ kind: "unknown", ...SAID }, many)).toMatchObject({ kind: "retry" });
});

test("the last conflict, and the deadline, end in a dead letter", () => {
  const last = { ...FIRST, attempts: DEFAULT_RETRY.maxAttempts - 1 };
  expect(decide({ kind: "again", ...SAID }, last)).toMatchObject({ kind: "bury" });
  expect(decide({ kind: "again", ...SAID, newestToken: "17" }, last)).toMatchObject({ kind: "retry" });
  expect(decide({ kind: "again", ...SAID, counts: false }, last)).toMatchObject({ kind: "retry", spent: false });
  expect(decide(DOWN, { ...FIRST, failingForMs: DEFAULT_RETRY.deadlineMs })).toMatchObject({ kind: "bury" });
});

test("a retry's delay is never more than its bound, and never nothing", () => {
  fc.assert(
    fc.property(fc.nat({ max: 18 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempts, random) => {
      const verdict = decide(DOWN, { attempts, failingForMs: 0, random });
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
  expect(docs).toContain(rows.join("\n"));
});
