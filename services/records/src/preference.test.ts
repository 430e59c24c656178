import { expect, test } from "vitest";
import { readHandling } from "./preference.ts";

test.each([
  ["handling=strict", "strict"],
  ["Handling=Strict", "strict"],
  ['handling="strict"', "strict"],
  ["handling = strict", "strict"],
  ["respond-async, wait=10, handling=strict", "strict"],
  ['handling=strict; why="a, b", return=minimal', "strict"],
  ["handling=lenient", "lenient"],
  // The first of two counts, as RFC 7240 says.
  ["handling=lenient, handling=strict", "lenient"],
  // Text between quotes is another preference's.
  ['note="x, handling=strict"', undefined],
  ['note="\\", handling=strict"', undefined],
  ["handling", undefined],
  ["handling=strictly", undefined],
  ["handling, handling=strict", undefined],
  ["", undefined],
  [undefined, undefined],
  [`${"a".repeat(1_000)}, handling=strict`, undefined],
])("Prefer: %s is read as %s", (header, handling) => {
  expect(readHandling(header)).toBe(handling);
});
