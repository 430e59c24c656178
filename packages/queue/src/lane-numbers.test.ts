import { expect, test } from "vitest";
import { readNumbers } from "./lane-numbers.ts";

test.each([
  ["before", "299999", { forMs: 1, reason: "operator", note: "" }],
  ["at", "300000", null],
] as const)("a hold ends within its second: %s its last millisecond it is %j µs", (_at, micros, hold) => {
  const gate = ["operator", "1000300", null, null];
  expect(readNumbers([{}, 0, [], 0, gate, ["1000", micros], 0]).gate.hold).toEqual(hold);
});
