import { expect, test } from "vitest";
import { jsonValues } from "./json-values.ts";

const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

test.each([
  ["a member", { a: { b: "x" } }, "a.b", ["x"]],
  ["a member of every element", { a: [{ b: "x" }, { b: "y" }] }, "a[].b", ["x", "y"]],
  ["a body that is a list", [{ b: "x" }, { b: "y" }], "b", ["x", "y"]],
  ["an element without its own", { a: [{ b: "x" }, {}] }, "a[].b", []],
  ["what is no text", { a: { b: 7 } }, "a.b", []],
])("%s is found, or nothing is", (_, body, path, expected) => {
  expect(jsonValues(bytes(body), path)).toEqual(expected);
});

test("a stranger's list of a million elements is read like any other", () => {
  expect(jsonValues(bytes({ a: Array.from({ length: 1_000_000 }, () => 0) }), "a[].b")).toEqual([]);
});
