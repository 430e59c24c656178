import { expect, test } from "vitest";
import { table } from "./table.ts";

test("columns are as wide as their widest cell, and control characters are spelled out", () => {
  expect(
    table([
      ["id", "why"],
      ["a", "long\u0007er"],
      ["bcd", "x"],
    ]),
  ).toBe(["id   why", "───  ────────────", "a    long\\u0007er", "bcd  x"].join("\n"));
});

test("a table of hundreds of thousands of rows is a table", () => {
  const rows = Array.from({ length: 300_000 }, (_, row) => [String(row), "x"]);
  expect(table([["id", "why"], ...rows]).split("\n")).toHaveLength(300_002);
});
