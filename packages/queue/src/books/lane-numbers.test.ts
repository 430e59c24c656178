import { expect, test } from "vitest";
import { readNumbers } from "./lane-numbers.ts";

test.each([
  ["299999", { forMs: 1, reason: "operator", note: "" }],
  ["300000", null],
] as const)("a hold until 300 ms of a second, at %s µs of it, is %j", (micros, hold) => {
  const gate = ["operator", "1000300", null, null];
  expect(readNumbers([{}, 0, [], 0, gate, ["1000", micros], 0, []]).gate.hold).toEqual(hold);
});
