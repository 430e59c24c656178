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

const ARRIVED_MS = Date.UTC(2026, 10, 5, 12, 0, 0, 7);

async function yielded(text: string, data: Json): Promise<Json | undefined> {
  return await evaluate(compiled(text), event(data), ARRIVED_MS);
}

test.each([
  ["a recursion that never ends", "($f := function($x){$f($x)}; $f(1))", /steps/],
  ["a recursion that grows", "($f := function($x){1 + $f($x)}; $f(1))", /D1011/],
  ["a list of ten million", "$sum([1..9999999])", /D2015/],
  ["loops in one another", "$count([1..30000].([1..30000].$))", /steps/],
  ["a text without end", "$pad('', 70000, 'x')", /too long/],
  [
    "a text that grows where nobody asks JSONata",
    Array.from({ length: 7 }, () => `"${"x".repeat(10_000)}"`).join(" & "),
    /too long/,
  ],
  ["a function as value", "$uppercase", /function/],
  ["a number beyond JSON", "1 / 0", /can't carry/],
])("%s is stopped, and says why", async (_, expression, message) => {
  const failed = await yielded(expression, {}).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(ExpressionError);
  expect((failed as ExpressionError).message).toMatch(message);
});

test("a pattern that backtracks for ever elsewhere takes no longer for a text that is longer", async () => {
  const evil = "$contains(data.note, /^(a+)+$/)";
  expect(await yielded(evil, { note: `${"a".repeat(50_000)}!` })).toBe(false);
  expect(await yielded(evil, { note: "aaaa" })).toBe(true);
});

test.each<[string, Json]>([
  ["$match('a1 b22', /([a-z])(\\d+)/).groups", ["a", "1", "b", "22"]],
  ["$replace('John Smith', /(\\w+)\\s(\\w+)/, '$2, $1')", "Smith, John"],
  ["$split('a, b ,c', /\\s*,\\s*/)", ["a", "b", "c"]],
  ["$contains('ABC', /b/i)", true],
  ["$replace('aXbX', /x/i, '-')", "a-b-"],
  ["$match('äöü-7', /[^-]+-(\\d)/).index", 0],
])("patterns do what they do in JSONata: %s", async (expression, value) => {
  expect(await yielded(expression, {})).toEqual(value);
  expect(JSON.parse(JSON.stringify(await jsonata(expression).evaluate({})))).toEqual(value);
});

test("a pattern that only backtracking can match is refused where it is written", () => {
  const faults: ExpressionFault[] = [];
  expect(compileExpression("$contains(data.a, /(?=x)y/)", "here", faults)).toBeNull();
  expect(faults).toMatchObject([{ place: "here", message: expect.stringMatching(/perl|invalid/i) as string }]);
});

test.each([
  ["a random number", "$random() < 0.5", "`$random` can't be used: an event may be understood twice"],
  ["one that is handed on", "$map(data.list, $random)", "`$random` can't be used"],
  ["a random order", "data.list ~> $shuffle", "`$shuffle` can't be used"],
  ["a random number within a condition", "data.a ? 1 : {'b': [$random()]}", "`$random` can't be used"],
  ["what is only read as the event comes", "$eval(data.text)", "`$eval` can't be used"],
])("%s is refused where it is written", (_, text, message) => {
  const faults: ExpressionFault[] = [];
  expect(compileExpression(text, "sources.erp.records[0].when", faults)).toBeNull();
  expect(faults).toEqual([
    { place: "sources.erp.records[0].when", message: expect.stringContaining(message) as string },
  ]);
});

test("a member that is called random is a member", async () => {
  expect(await yielded("data.random & data.eval", { random: "a", eval: "b" })).toBe("ab");
});

test.each<[string, Json]>([
  ["$now()", "2026-11-05T12:00:00.007Z"],
  ["$now('[H01]:[m01]', '+0200')", "14:00"],
  ["$millis()", ARRIVED_MS],
  ["[1..2].$millis()", [ARRIVED_MS, ARRIVED_MS]],
  ["$map([1], function($each) { $now('[Y]') })", "2026"],
  // Without a date it is today.
  ["$fromMillis($toMillis('08:30', '[H01]:[m01]'))", "2026-11-05T08:30:00.000Z"],
])("%s tells when the event came in", async (text, value) => {
  expect(await yielded(text, {})).toEqual(value);
});

test("two evaluations at once see each its own arrival", async () => {
  const now = compiled("([1..50].($string($) & $now()))[49]");
  const times = await Promise.all([1, 2, 3].map(async (ms) => await evaluate(now, event({}), ms)));
  expect(times).toEqual([1, 2, 3].map((ms) => `50${new Date(ms).toISOString()}`));
});
