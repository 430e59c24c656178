import fc from "fast-check";
import jsonata from "jsonata";
import { expect, test } from "vitest";
import type { Event, Json } from "@sluice/event";
import { compileExpression, evaluate, ExpressionError, type Expression, type ExpressionFault } from "./expression.ts";

function event(data: Json): Event {
  return { id: "1", type: "customer.updated", time: null, source: "erp", data, headers: { "x-topic": "orders" } };
}

function compiled(text: string): Expression {
  const faults: ExpressionFault[] = [];
  const expression = compileExpression(text, "here", faults);
  expect(faults).toEqual([]);
  return expression!;
}

const name = fc.constantFrom("a", "b", "toString", "length");
const { value: json } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom<Json>(null, true, false, 0, 1.5, "", "x", "a"),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(name, tie("value"), { maxKeys: 3 }),
  ),
}));
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => ["data", ...names].join("."));
const text = fc.oneof(
  path,
  fc.constantFrom("type", "headers.`x-topic`", "time"),
  path.map((each) => `${each} = "x"`),
);

test("what is short-cut means what it means to JSONata, whatever the document", async () => {
  await fc.assert(
    fc.asyncProperty(text, json, async (expression, data) => {
      const seen = event(data);
      const theirs: unknown = await jsonata(expression).evaluate(seen);
      const ours = await evaluate(compiled(expression), seen);
      // Through JSON, since JSONata marks its sequences.
      expect(ours).toEqual(theirs === undefined ? undefined : JSON.parse(JSON.stringify(theirs)));
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ["a recursion that never ends", "($f := function($x){$f($x)}; $f(1))", /steps/],
  ["a recursion that grows", "($f := function($x){1 + $f($x)}; $f(1))", /D1011/],
  ["a list of ten million", "$sum([1..9999999])", /D2015/],
  ["loops in one another", "$count([1..30000].([1..30000].$))", /steps/],
  ["a text without end", "$pad('', 70000, 'x')", /too long/],
  ["a function as value", "$uppercase", /function/],
  ["a number beyond JSON", "1 / 0", /can't carry/],
])("%s is stopped, and says why", async (_, expression, message) => {
  const failed = await evaluate(compiled(expression), event({})).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(ExpressionError);
  expect((failed as ExpressionError).message).toMatch(message);
});

test("a pattern that backtracks for ever elsewhere takes no longer for a text that is longer", async () => {
  const evil = compiled("$contains(data.note, /^(a+)+$/)");
  expect(await evaluate(evil, event({ note: `${"a".repeat(50_000)}!` }))).toBe(false);
  expect(await evaluate(evil, event({ note: "aaaa" }))).toBe(true);
});

test.each<[string, Json]>([
  ["$match('a1 b22', /([a-z])(\\d+)/).groups", ["a", "1", "b", "22"]],
  ["$replace('John Smith', /(\\w+)\\s(\\w+)/, '$2, $1')", "Smith, John"],
  ["$split('a, b ,c', /\\s*,\\s*/)", ["a", "b", "c"]],
  ["$contains('ABC', /b/i)", true],
  ["$replace('aXbX', /x/i, '-')", "a-b-"],
  ["$match('äöü-7', /[^-]+-(\\d)/).index", 0],
])("patterns do what they do in JSONata: %s", async (expression, value) => {
  expect(await evaluate(compiled(expression), event({}))).toEqual(value);
  expect(JSON.parse(JSON.stringify(await jsonata(expression).evaluate({})))).toEqual(value);
});

test("a pattern that only backtracking can match is refused where it is written", () => {
  const faults: ExpressionFault[] = [];
  expect(compileExpression("$contains(data.a, /(?=x)y/)", "here", faults)).toBeNull();
  expect(faults).toMatchObject([{ place: "here", message: expect.stringMatching(/perl|invalid/i) as string }]);
});
