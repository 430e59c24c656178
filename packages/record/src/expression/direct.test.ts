import fc from "fast-check";
import jsonata from "jsonata";
import { expect, test } from "vitest";
import type { Json } from "@sluice/event";
import { compileExpression, evaluate, ExpressionError } from "./expression.ts";
import { directOf, type SyntaxNode } from "./direct.ts";

const names = fc.constantFrom("a", "b", "a", "b", "toString", "length", "_jsonata_function");
const numbers = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 7, 1.5, 0.1 + 0.2, 1 / 3, 2 ** 53, 1e21, 1.7976931348623157e308, 5e-324, 1e-7),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
);
const texts = fc.oneof(
  fc.constantFrom(
    "",
    "x",
    "y",
    "12",
    "12.50",
    "-3",
    "1e5",
    "1e400",
    "0x1F",
    "0b2",
    " 12",
    "1.",
    "true",
    "null",
    "😀",
    "é",
  ),
  numbers.map(String),
);
const { value: json } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.oneof(fc.constantFrom<Json>(null, true, false), numbers, texts),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(names, tie("value"), { maxKeys: 4 }),
  ),
}));

const path = fc.oneof(
  fc.constantFrom("a", "b", "missing"),
  fc.array(names, { minLength: 1, maxLength: 3 }).map((steps) => steps.join(".")),
);
const literal = fc.oneof(
  texts.map((text) => JSON.stringify(text)),
  numbers.filter((number) => !Object.is(number, -0)).map(String),
  fc.constantFrom("true", "false", "null"),
);
const operator = fc.constantFrom("&", "=", "!=", "<", "<=", ">", ">=", "and", "or");
const call = fc.constantFrom("$string", "$number", "$not", "$exists", "");
const sought = fc.oneof(
  texts.map((text) => JSON.stringify(text)),
  fc.constantFrom("/^x/", "/[0-9]+$/", "/X/i", "/^[^a]*$/m", "/(?:true|null)/"),
);
const { text: expressions } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.oneof({ weight: 2, arbitrary: path }, literal),
    fc.tuple(tie("text"), operator, tie("text")).map((parts) => parts.join(" ")),
    fc.tuple(call, tie("text")).map(([name, argument]) => `${name}(${argument})`),
    fc.tuple(tie("text"), tie("text"), tie("text")).map(([is, then, or]) => `${is} ? ${then} : ${or}`),
    fc.tuple(tie("text"), tie("text")).map(([is, then]) => `(${is} ? ${then})`),
    fc.tuple(tie("text"), fc.array(literal, { maxLength: 3 })).map(([one, list]) => `(${one} in [${list.join(", ")}])`),
    fc.tuple(tie("text"), sought).map(([within, what]) => `$contains(${within}, ${what})`),
  ),
}));

/** The result as JSON, since JSONata marks its lists; or its error. */
async function asked(text: string, input: object): Promise<string | undefined> {
  try {
    const value = (await jsonata(text).evaluate(input)) as { _jsonata_function?: Json } | null | undefined;
    // To JSONata a sender's object with such a member is a function.
    return value?._jsonata_function === true ? "throws yields a function, not a value" : JSON.stringify(value);
  } catch (error) {
    const { message, code } = error as { message: string; code?: string };
    return `throws ${message}${code === undefined ? "" : ` (JSONata ${code})`}`;
  }
}

async function answered(text: string, input: object): Promise<string | undefined> {
  try {
    return JSON.stringify(await evaluate(compileExpression(text, "here", [])!, input, 0));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return `throws ${error.message}`;
  }
}

test("an expression that is compiled means what it means to JSONata, whatever the document", async () => {
  await fc.assert(
    fc.asyncProperty(expressions, fc.dictionary(names, json, { maxKeys: 4 }), async (text, input) => {
      expect(compileExpression(text, "here", [])!.direct).toBeDefined();
      expect(await answered(text, input)).toBe(await asked(text, input));
    }),
    { numRuns: 3000, seed: 11 },
  );
});

test.each<[string, Json | undefined]>([
  ["'netsuite:' & $string(id)", "netsuite:7"],
  ["price & ''", "0.3"],
  ["missing != 1", false],
  ["$not(missing)", undefined],
  ["missing < 1", undefined],
  ["missing ? 1", undefined],
  ["tags", ["new"]],
  ["address.city", "Ulm"],
  ["address ? 'known' : 'unknown'", "known"],
  ["empty ? 'known' : 'unknown'", "unknown"],
  ["$number(total) > 12 and $exists(tags)", true],
  ["id ?? 5", 7],
  ["id in [6, 7]", true],
  ["missing in [6, 7]", false],
  ["$contains(total, /^12\\./) and $contains(total, '.5')", true],
])("%s is answered without JSONata, at once", async (text, value) => {
  const input = { id: 7, price: 0.1 + 0.2, tags: ["new"], address: { city: "Ulm" }, empty: {}, total: "12.50" };
  expect(evaluate(compileExpression(text, "here", [])!, input, 0)).toEqual(value);
  expect(await asked(text, input)).toBe(JSON.stringify(value));
});

test.each([
  "a[0]",
  "a[]",
  "a.(b)",
  "(a; b)",
  "$string()",
  "a.$string()",
  "$string(a, true)",
  "$f(a)",
  "a^(b)",
  "'x'[0]",
  "$",
])("%s is left to JSONata", (text) => {
  expect(directOf(jsonata(text).ast() as unknown as SyntaxNode)).toBeUndefined();
});

test("an expression deeper than JSONata goes is stopped, as JSONata stops it", async () => {
  const text = Array.from({ length: 400 }, () => "a").join(" & ");
  expect(await answered(text, { a: "x" })).toContain("(JSONata D1011)");
});
