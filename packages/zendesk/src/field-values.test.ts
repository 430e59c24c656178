import { assert as assertProperty, date as anyDate, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { compileFieldChecks } from "./field-values.ts";
import { compileValueCheck, readBackValue, type ValueRules } from "./field-value.ts";

const OPTIONS = ["dhl", "ups"];
const stored = (value: unknown) => ({ stored: value });

const VALUES: readonly (readonly [rules: ValueRules, good: [sent: unknown, stored: unknown][], bad: unknown[]])[] = [
  [
    { type: "text" },
    [
      ["a", "a"],
      ["", ""],
      ["ünï 🚢", "ünï 🚢"],
    ],
    [1, true, ["a"], { a: 1 }],
  ],
  [{ type: "textarea" }, [["a\nb", "a\nb"]], [1, false, []]],
  [{ type: "regexp", pattern: "\\A[A-Z]{2}\\d+\\z" }, [["AB12", "AB12"]], ["ab12", "AB12x", 12]],
  [
    { type: "integer" },
    [
      [7, 7],
      ["2020", 2020],
      ["-5", -5],
      ["+5", 5],
      [-0, 0],
      [9007199254740991, 9007199254740991],
    ],
    [1.5, "1.5", "", " 1", "x", true, "9007199254740993", 2 ** 60],
  ],
  [
    { type: "decimal" },
    [
      [2.5, 2.5],
      ["12.5", 12.5],
      ["1e3", 1000],
      [".5", 0.5],
      ["-0", 0],
    ],
    ["", "1,5", "0x10", "Infinity", Number.NaN, true, "1e999", "12345678901234.5678", "90071992547409931.25"],
  ],
  [
    { type: "checkbox" },
    [
      [true, true],
      ["true", true],
      ["false", false],
    ],
    [1, "yes", "", "TRUE"],
  ],
  [
    { type: "date" },
    [
      ["2024-02-29", "2024-02-29"],
      ["2024-02-27T00:00:00+00:00", "2024-02-27"],
      ["2024-02-27T23:30:00-05:00", "2024-02-27"],
      ["2024-02-27T23:30:00.123Z", "2024-02-27"],
      ["0050-01-01", "0050-01-01"],
    ],
    ["2023-02-29", "2024-13-01", "27.02.2024", "", 20240227, "2024-02-27garbage"],
  ],
  [{ type: "dropdown", optionValues: OPTIONS }, [["dhl", "dhl"]], ["DHL", "nope", "", 1, ["dhl"]]],
  [
    { type: "multiselect", optionValues: OPTIONS },
    [
      [
        ["ups", "dhl"],
        ["ups", "dhl"],
      ],
      [["dhl", "dhl"], ["dhl"]],
      [[], []],
    ],
    ["dhl", ["nope"], ["dhl", 1], {}],
  ],
];

describe.each(VALUES)("a field of type %j", (rules, good, bad) => {
  const check = compileValueCheck(rules);
  test.each(good)("takes %j and keeps %j", (sent, kept) => expect(check(sent)).toEqual(stored(kept)));
  test.each(bad.map((value) => [value]))("refuses %j", (sent) => expect(check(sent)).toBeUndefined());
});

test("a lookup says what it points by, and an id may come as a number", () => {
  const check = compileValueCheck({ type: "lookup" });
  expect(check("external_id:A:1")).toEqual({ lookup: { by: "external_id", value: "A:1" } });
  expect(check("name:car1")).toEqual({ lookup: { by: "name", value: "car1" } });
  expect(check(10012345)).toEqual({ lookup: { by: "id", value: "10012345" } });
  expect(check("")).toBeUndefined();
});

test("a date comes back as its midnight, and what came back can be sent again", () => {
  expect(readBackValue("date", "2024-02-27")).toBe("2024-02-27T00:00:00+00:00");
  const check = compileValueCheck({ type: "date" });
  assertProperty(
    property(anyDate({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }), (date) => {
      const day = date.toISOString().slice(0, 10);
      expect(check(readBackValue("date", day))).toEqual(stored(day));
    }),
  );
});

const field = (key: string, more: object = {}) =>
  ({ key, title: key.toUpperCase(), type: "text", required: false, ...more }) as const;

test("all complaints of a record come together, each under its own key", () => {
  const check = compileFieldChecks([
    field("a", { type: "integer" }),
    field("b", { required: true }),
    field("c", { required: true }),
  ]);
  const { complaints, missing, values } = check({ a: "x", b: null, d: 1 }, { unknown: "refuse" });
  expect(complaints).toEqual([
    { key: "a", description: "A: is invalid", error: "InvalidValue" },
    { key: "b", description: "B: is required", error: "BlankValue" },
    { key: "base", description: "d: is not a field of this object", error: "InvalidValue" },
  ]);
  expect(missing).toEqual([{ key: "c", description: "C: is required", error: "BlankValue" }]);
  expect(values.size).toBe(0);
});

test("null clears a field that is not required, and an absent key is left alone", () => {
  const { complaints, values } = compileFieldChecks([field("a"), field("b")])({ a: null });
  expect(complaints).toEqual([]);
  expect([...values]).toEqual([["a", null]]);
});

test("a key that the object does not have is left out unless it is to be refused", () => {
  const { complaints, values } = compileFieldChecks([field("a")])({ a: "1", d: 1 });
  expect([complaints, [...values]]).toEqual([[], [["a", "1"]]]);
});

test("a key that every JavaScript object inherits is no field", () => {
  const sent = JSON.parse('{"constructor":"x","__proto__":"y","toString":"z"}') as Record<string, unknown>;
  expect(compileFieldChecks([])(sent, { unknown: "refuse" }).complaints).toHaveLength(3);
});
