import { expect, test } from "vitest";
import { fullSources, deadLetterShares } from "./dead-letter-quota.ts";

const MB = 1024 * 1024;
const NONE: ReadonlySet<string> = new Set();

test("one source may take a sixteenth of the budget, and never more than a quarter of what all may take", () => {
  expect(deadLetterShares(new Map([["erp", 10 * MB]]), 160 * MB).get("erp")).toBe(1);
  const four = new Map(["a", "b", "c", "d"].map((source) => [source, 10 * MB] as const));
  expect([...deadLetterShares(four, 160 * MB).values()]).toEqual([1, 1, 1, 1]);
});

test("where more sources have letters each may take less: together it is a quarter of the budget at most", () => {
  const eight = new Map(Array.from({ length: 8 }, (_, n) => [`s${n}`, 5 * MB] as const));
  expect([...deadLetterShares(eight, 160 * MB).values()]).toEqual(Array.from({ length: 8 }, () => 1));
});

test("a source that was full takes part again at 95 %, not before, and touches no other", () => {
  const full = fullSources(
    new Map([
      ["erp", 1],
      ["shop", 0.99],
    ]),
    NONE,
  );
  expect([...full]).toEqual(["erp"]);
  expect([
    ...fullSources(
      new Map([
        ["erp", 0.96],
        ["shop", 0.96],
      ]),
      full,
    ),
  ]).toEqual(["erp"]);
  expect(fullSources(new Map([["erp", 0.94]]), full).size).toBe(0);
});
