import { expect, test } from "vitest";
import { wholeNumber } from "./whole-number.ts";

test("an option that wants a number takes a whole one from 1 to its most, and says so of all else", () => {
  expect([wholeNumber("--count", "1"), wholeNumber("--count", "10000", 10_000)]).toEqual([1, 10_000]);
  for (const text of ["0", "-1", "1.5", "many", "", "Infinity"]) {
    const told = { code: "option_invalid", message: `--count is "${text}"`, hint: "give a whole number from 1 on" };
    expect(() => wholeNumber("--count", text), text).toThrow(expect.objectContaining(told));
  }
  const told = expect.objectContaining({ hint: "give a whole number from 1 to 10000" });
  expect(() => wholeNumber("--count", "10001", 10_000)).toThrow(told);
});
