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

test("on a terminal that is too narrow for it each row is a block, without its empty cells", () => {
  const cells = [
    ["id", "why"],
    ["a", "no such field"],
    ["b", ""],
  ];
  expect(table(cells, 9).split("\n")).toEqual(["id  why", "──  ─────────────", "a   no such field", "b"]);
  expect(table(cells, 8).split("\n")).toEqual(["id   a", "why  no such field", "", "id   b"]);
});
