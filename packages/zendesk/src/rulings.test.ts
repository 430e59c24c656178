import { expect, test } from "vitest";
import { ANSWERS, COMPLAINTS, RULINGS } from "./rulings.ts";

test("a 422 gathers its complaints in a map of lists", () => {
  const title = { key: "tier", title: "Tier" };
  expect(
    ANSWERS.invalid([COMPLAINTS.nameTaken(), COMPLAINTS.valueInvalid(title), COMPLAINTS.fieldUnknown("x")]).body,
  ).toEqual({
    error: "RecordInvalid",
    description: "Record validation errors",
    details: {
      base: [
        { description: "Name already exists. Try another one.", error: "DuplicateValue" },
        { description: "x: is not a field of this object", error: "InvalidValue" },
      ],
      tier: [{ description: "Tier: is invalid", error: "InvalidValue" }],
    },
  });
});

test.each([
  ["customer", true],
  ["01___field", true],
  ["z3n-x", true],
  ["123", false],
  ["", false],
  ["a.b", false],
  ["a".repeat(101), false],
])("the object key %j is allowed: %j", (key, allowed) => {
  expect(RULINGS.objectKeyPattern.test(key)).toBe(allowed);
});
