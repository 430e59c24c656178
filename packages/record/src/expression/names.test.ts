import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { compileExpression, compileKey } from "./expression.ts";
import { namesIn, NATIVE_FUNCTIONS } from "./names.ts";

const names = (text: string) => namesIn(compileExpression(text, "here", [])!);

test.each<[string, readonly string[]]>([
  ["type = 'a' and data.status != 'b'", ["type", "data.status"]],
  ["data.items[price > 3].name", ["data.items.name"]],
  ["$map(data.items, function($i) { $i.name & tail })", ["data.items", "tail"]],
  ["data.(first & last)", ["data"]],
  ["data.items.(sku & $$.recordId)", ["data.items", "recordId"]],
  ["($of := notice ? notice : data; $of.id)", ["notice", "notice", "data"]],
  ["[headers.a, {'x': time}]", ["headers.a", "time"]],
  ["$.data.id", ["data.id"]],
  ["data.items^(>price).sku", ["data.items"]],
])("%s asks for %j", (text, paths) => {
  expect(names(text).paths.map((path) => path.join("."))).toEqual(paths);
});

test("what neither JSONata nor Sluice nor the expression knows is unknown", () => {
  const text =
    "($own := function($x) { $x & $uper($x) }; $own(data.a) & $lowercase(data.b) & $words(data.c) & $forgotten)";
  expect(names(text).unknown).toEqual(["uper", "forgotten"]);
  expect(namesIn(compileKey("'a' & $string(data.id)", "here", [])!)).toMatchObject({
    unknown: [],
    paths: [["data", "id"]],
  });
});

test("comparisons with what is written out are told, and whether all of it hangs on them", () => {
  expect(names("type in ['a', 'b'] and (data.x = 1 or thin = true)").comparisons).toEqual([
    { path: ["type"], values: ["a", "b"], always: true },
    { path: ["data", "x"], values: [1], always: false },
    { path: ["thin"], values: [true], always: false },
  ]);
});

test("JSONata's functions are those that it has", () => {
  const source = readFileSync(createRequire(import.meta.url).resolve("jsonata"), "utf8");
  const bound = [...source.matchAll(/staticFrame\.bind\('(\w+)'|environment\.bind\('(\w+)'/g)].map(
    (each) => each[1] ?? each[2],
  );
  expect(NATIVE_FUNCTIONS).toEqual(
    [...new Set([...bound, "now", "millis"])].toSorted((a = "", b = "") => (a < b ? -1 : 1)),
  );
});
