import fc, { type Arbitrary } from "fast-check";

type Schema = Readonly<Record<string, unknown>>;

/** Every text that is made up has this in it, so that it is found wherever it does not belong. */
export const MARK = "zqfz";

/** Letters that have broken something somewhere: of SQL, of JSON, of addresses, of Unicode. */
const NASTY = [
  "",
  "'",
  '"',
  "\\",
  "--",
  "; drop table records.record; --",
  "$1",
  "%",
  "%00",
  "\0",
  "\n",
  "\u2028",
  "é",
  "🚢",
  "\ud800",
  "../",
  "$or",
  "__proto__",
  "a".repeat(300),
];

export const markedText: Arbitrary<string> = fc
  .tuple(fc.constantFrom(...NASTY), fc.nat(9), fc.constantFrom(...NASTY))
  .map(([before, number, after]) => `${before}${MARK}${number}${after}`);

/** Anything at all, where something else was expected. */
export const junk: Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: markedText },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 2 ** 53, -(2 ** 63), 1e308, "", [], {}),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>([[[[[[]]]]]], { a: { b: { c: [{}] } } }, ["x", 1, null], { constructor: 1 }),
  },
  { weight: 1, arbitrary: fc.constant(JSON.parse('{"__proto__":{"polluted":true}}') as unknown) },
  { weight: 1, arbitrary: markedText.map((text) => ({ [text]: text })) },
  { weight: 1, arbitrary: fc.constant("x".repeat(40_000)) },
);

/**
 * Values that a JSON Schema of the document describes. `special` overrides schemas by the name that they have among the
 * components: what a schema can't say, such as which fields an object has.
 */
export function arbitraryOf(
  schema: Schema,
  components: Readonly<Record<string, Schema>>,
  special: Readonly<Record<string, Arbitrary<unknown>>>,
  depth = 0,
): Arbitrary<unknown> {
  const inner = (next: unknown) => arbitraryOf(next as Schema, components, special, depth + 1);
  if (depth > 12) return fc.constant(null);
  if (typeof schema["$ref"] === "string") {
    const name = schema["$ref"].split("/").at(-1) ?? "";
    return special[name] ?? inner(components[name] ?? {});
  }
  const choices = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(choices)) return fc.oneof(...choices.map(inner));
  if (Array.isArray(schema["enum"])) return fc.constantFrom(...(schema["enum"] as unknown[]));
  if ("const" in schema) return fc.constant(schema["const"]);
  if (Array.isArray(schema["type"])) return fc.oneof(...schema["type"].map((type) => inner({ ...schema, type })));
  switch (schema["type"]) {
    case "string":
      // Keys of objects and fields have a pattern; words of its letters are what a client would choose.
      if (typeof schema["pattern"] === "string") return fc.nat(40).map((number) => `${MARK}_${number}`);
      return fc.oneof(
        markedText,
        fc.nat(40).map((number) => `${MARK}${number}`),
      );
    case "integer":
      return fc.integer({ min: numberOf(schema["minimum"], -3), max: numberOf(schema["maximum"], 200) });
    case "number":
      return fc.oneof(fc.double({ noNaN: true }), fc.integer());
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(inner(schema["items"] ?? {}), { minLength: 0, maxLength: 3 });
    case "object":
      return objectOf(schema, inner);
    default:
      return junk;
  }
}

function objectOf(schema: Schema, inner: (schema: unknown) => Arbitrary<unknown>): Arbitrary<unknown> {
  const properties = (schema["properties"] ?? {}) as Schema;
  const required = (schema["required"] ?? []) as string[];
  const members = Object.fromEntries(Object.entries(properties).map(([key, member]) => [key, inner(member)]));
  if (Object.keys(members).length === 0) return fc.dictionary(markedText, junk, { maxKeys: 2 });
  return fc.record(members, { requiredKeys: required.filter((key) => key in members) });
}

function numberOf(value: unknown, fallback: number): number {
  return typeof value === "number" && Number.isSafeInteger(value) && Math.abs(value) < 1e6 ? value : fallback;
}
