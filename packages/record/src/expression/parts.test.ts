import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "@sluice/event";
import { compileExpression, compileKey, evaluate, ExpressionError } from "./expression.ts";

async function keyOf(text: string, data: Json): Promise<Json | undefined> {
  const faults: { place: string; message: string }[] = [];
  const key = compileKey(text, "here", faults);
  expect(faults).toEqual([]);
  return await evaluate(key!, { data }, 0);
}

async function codeOf(text: string, data: Json): Promise<string> {
  const given = await keyOf(text, data).catch((error: unknown) => error);
  return given instanceof ExpressionError ? given.code : `yields ${JSON.stringify(given)}`;
}

/** Spellings of the same key, and what they make of `{ id: 7, at: "de" }`. */
const SPELLINGS: readonly (readonly [string, string])[] = [
  ["'erp:' & $string(data.id)", "erp:7"],
  ["'erp:' & data.id", "erp:7"],
  ["('erp:' & data.id)", "erp:7"],
  ["data.('erp:' & id)", "erp:7"],
  ["data.at & ':' & data.id", "de:7"],
  ["'erp:' & (data.at & ':' & $string(data.id))", "erp:de:7"],
  ["'erp:' & data.id.$string()", "erp:7"],
  ["'erp:' & $trim($string(data.id))", "erp:7"],
  ["'erp:' & $pad($string(data.id), -5, '0')", "erp:00007"],
  ["$join(['erp', $string(data.id)], ':')", "erp:7"],
  ["['erp', $string(data.id)] ~> $join(':')", "erp:7"],
  ["$join($map(['erp', data.id], $string), ':')", "erp:7"],
  ["$join($map(['erp', data.id], function($x) { $string($x) }), ':')", "erp:7"],
  ["($id := data.id; 'erp:' & $id)", "erp:7"],
  ["($key := function($id) { 'erp:' & $string($id) }; $key(data.id))", "erp:7"],
  ["'erp:' & (data.id ~> $string)", "erp:7"],
  ["data.id ~> $string ~> function($text) { 'erp:' & $text }", "erp:7"],
  ["data.at = 'de' ? 'erp:' & data.id : 'other:' & data.id", "erp:7"],
  ["'erp:' & (data.id ?? '')", "erp:7"],
  ["'erp:' & (data.id ? data.id : '')", "erp:7"],
  ["'erp:' & data.id[0]", "erp:7"],
  ["'erp:' & $reduce(['x', $string(data.id)], function($a, $b) { $a & $b })", "erp:x7"],
  ["'erp:' & $prefixed('c', data.id)", "erp:c7"],
  ["$prefixed('erp:', data.id)", "erp:7"],
  ["$words('erp', data.id)", "erp 7"],
  ["'erp:' & $replace($string(data.id), 'x', '')", "erp:7"],
  ["'erp:' & $lookup(data, 'id')", "erp:7"],
  ["'erp:' & $$.data.id", "erp:7"],
  ["'erp:' & {'a': data.id}.a", "erp:7"],
];

test.each(SPELLINGS)("%s is a key while it has all of its parts", async (text, key) => {
  expect(await keyOf(text, { id: 7, at: "de" })).toBe(key);
});

test.each(SPELLINGS)("%s is none where the id is missing, null, empty or blank", async (text) => {
  const data = { at: "de" };
  expect(await codeOf(text, data)).toMatch(/key_incomplete|yields undefined/);
  for (const id of [null, "", "  "])
    expect(await codeOf(text, { id, ...data })).toMatch(/key_incomplete|mapping_failed/);
});

test("a list is a part while it has an item, and all of its items", async () => {
  const text = "'erp:' & $join(data.ids, '-')";
  expect(await keyOf(text, { ids: ["a", "b"] })).toBe("erp:a-b");
  for (const ids of [[], ["a", ""], [""]]) expect(await codeOf(text, { ids })).toBe("key_incomplete");
  for (const id of [[], [null], {}]) expect(await codeOf("'erp:' & $string(data.id)", { id })).toBe("key_incomplete");
});

test.each<[string, Json, string]>([
  ["data.sub ? data.id & '-' & data.sub : data.id & ''", { id: 7 }, "7"],
  ["data.id = '' or data.id = null ? 'none' : 'erp:' & data.id", { id: null }, "none"],
  ["'erp:' & (data.id ? data.id : data.number)", { id: null, number: 5 }, "erp:5"],
  ["'erp:' & (data.id ?? 'none')", {}, "erp:none"],
  ["'erp:' & [data.id, data.number][0]", { number: 5 }, "erp:5"],
  ["$join([data.region, data.id][$ != null], '-')", { region: null, id: "7" }, "7"],
  ["'erp:' & $string(data.id) & ($string(data.x) = 'null' ? '-x' : '-y')", { id: 0, x: null }, "erp:0-x"],
  ["'erp:' & $string(data.flag)", { flag: false }, "erp:false"],
])("%s says itself what stands in for a part, which is left to it", async (text, data, key) => {
  expect(await keyOf(text, data)).toBe(key);
});

test("a part is named as it is written", async () => {
  await expect(keyOf("'erp:' & $string(data.customer.id)", { customer: { id: null } })).rejects.toThrow(
    "`data.customer.id` is null",
  );
});

const value = fc.oneof(
  fc.constantFrom<Json>(null, "", " ", "x", 0, 1.5, false, [], ["x"], [null], {}, { c: 1 }),
  fc.integer(),
);
const path = fc.constantFrom("a", "b", "missing", "a.c");
const { text: texts } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    path,
    fc.constantFrom("'x'", "''", "7"),
    fc.tuple(tie("text"), tie("text")).map(([a, b]) => `(${a} & ${b})`),
    fc.tuple(fc.constantFrom("$string", "$filled", "$toNumber", "$words"), tie("text")).map(([f, a]) => `${f}(${a})`),
    fc.tuple(path, tie("text"), tie("text")).map(([is, then, or]) => `(${is} ? ${then} : ${or})`),
    fc.tuple(tie("text"), tie("text")).map(([a, b]) => `$prefixed(${a}, ${b})`),
  ),
}));

test("a key that is compiled, and so are our own functions, means what it means to JSONata", async () => {
  const told = async (of: () => unknown): Promise<string> => {
    try {
      return JSON.stringify(await of()) ?? "nothing";
    } catch (error) {
      return `${(error as ExpressionError).code}: ${(error as Error).message}`;
    }
  };
  await fc.assert(
    fc.asyncProperty(texts, fc.record({ a: value, b: value }), fc.boolean(), async (text, input, isKey) => {
      const expression = (isKey ? compileKey : compileExpression)(text, "here", [])!;
      expect(expression.direct).toBeDefined();
      const slow = { ...expression, direct: undefined };
      expect(await told(() => evaluate(expression, input, 0))).toBe(await told(() => evaluate(slow, input, 0)));
    }),
    { numRuns: 2000, seed: 14 },
  );
});
