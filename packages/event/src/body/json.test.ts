import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "./json.ts";
import { LIMITS } from "../limits.ts";
import { UnreadableBodyError } from "./unreadable-body.ts";

const parse = (text: string) => parseJson(Buffer.from(text, "utf8"));

test("whatever JSON.stringify writes is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!text.includes("\\u0000") && !text.includes("__proto__") && !/\d{16}/.test(text) && text.isWellFormed());
      fc.pre(!/\\ud[89a-f]/i.test(text));
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
  );
});

test("every integer keeps its digits: as a number when a double holds it, else as text", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (integer) => {
      const [read] = parse(`[${integer}]`) as [number | string];
      expect(BigInt(read)).toBe(integer);
      expect(typeof read).toBe(Number.isSafeInteger(Number(integer)) ? "number" : "string");
    }),
  );
});

test.each([
  ["9007199254740991", 9_007_199_254_740_991],
  ["9007199254740993", "9007199254740993"],
  ["-9007199254740993", "-9007199254740993"],
  ['"9007199254740993"', "9007199254740993"],
  ["12.0000000000000000", 12],
  ["12345678901234.5678", "12345678901234.5678"],
  ["-90071992547409931.25", "-90071992547409931.25"],
  ["1234567890123456.5", 1_234_567_890_123_456.5],
  ["0.30000000000000004", 0.1 + 0.2],
  ["0.000000000000000000123", 1.23e-19],
  ["1.7976931348623157e308", Number.MAX_VALUE],
  ["1.2345678901234567891e2", "1.2345678901234567891e2"],
  ["0.0000000000000000000", 0],
])("%s is read as %j", (text, value) => {
  expect(parse(`{"id":${text}}`)).toEqual({ id: value });
});

test.each([
  ["an empty body", "", /empty/],
  ["half a document", '{"a":', /not JSON/],
  ["two documents", "{} {}", /not JSON/],
  ["a NUL byte", '{"a":"\u0000"}', /NUL/],
  ["an escaped NUL", String.raw`{"a":"x\u0000"}`, /NUL/],
  ["an escaped NUL in a member's name", String.raw`{"\u0000":1}`, /NUL/],
  ["half of a surrogate pair", String.raw`{"a":"\ud83d"}`, /surrogate/],
  ["a number beyond doubles", '{"a":1e999}', /too large/],
  ["10,000 arrays in one another", "[".repeat(10_000) + "]".repeat(10_000), /nested/],
  ["objects nested one level too deep", '{"a":'.repeat(101) + "1" + "}".repeat(101), /nested/],
])("%s is refused", (_, text, message) => {
  expect(() => parse(text)).toThrow(UnreadableBodyError);
  expect(() => parse(text)).toThrow(message);
});

test("invalid UTF-8 is refused, not replaced", () => {
  expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0xfe, 0x22))).toThrow(/UTF-8/);
});

test("a byte order mark, as old systems send it, is no obstacle", () => {
  expect(parse("\ufeff[1]")).toEqual([1]);
});

test("nesting up to the limit is read, and brackets in text don't count", () => {
  const depth = LIMITS.maxJsonDepth;
  expect(() => parse("[".repeat(depth) + JSON.stringify('[[[[{{{{\\"[[') + "]".repeat(depth))).not.toThrow();
});

test("a pair of surrogate escapes is one character", () => {
  expect(parse(String.raw`["\ud83d\ude00"]`)).toEqual(["😀"]);
});

test.each(['{"__proto__":{"admin":true},"a":1}', String.raw`{"\u005f_proto__":{"admin":true},"a":1}`])(
  "%s sets no prototype, also when its members are copied",
  (text) => {
    const value = parse(text) as { [member: string]: unknown };
    const copy: { [member: string]: unknown } = {};
    for (const [name, member] of Object.entries(value)) copy[name] = member;
    expect(copy["admin"]).toBeUndefined();
    expect(copy).toEqual({ a: 1 });
  },
);

function kindOfFault(bytes: Uint8Array): unknown {
  try {
    parseJson(bytes);
    return undefined;
  } catch (error) {
    return (error as Error).constructor;
  }
}

test("whatever bytes come, the answer is a value or an UnreadableBodyError", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.string().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        expect(kindOfFault(bytes)).toBeOneOf([undefined, UnreadableBodyError]);
      },
    ),
    { numRuns: 2_000 },
  );
});
