import { expect, test } from "vitest";
import { breakerState } from "./gate.ts";

test.each([
  ["nothing is held", { hold: null, allowed: null }, "closed"],
  ["an outage holds it", { hold: { forMs: 5000, reason: "breaker", note: "" }, allowed: 1 }, "open"],
  ["an operator holds it", { hold: { forMs: null, reason: "operator", note: "" }, allowed: 1 }, "open"],
  [
    "a 429 holds it, which is no outage",
    { hold: { forMs: 5000, reason: "rate_limit", note: "" }, allowed: 1 },
    "closed",
  ],
  ["the flow comes back", { hold: null, allowed: 4 }, "half-open"],
] as const)("%s: %j is %s", (_, state, expected) => {
  expect(breakerState(state)).toBe(expected);
});
