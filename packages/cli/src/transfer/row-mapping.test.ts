import { expect, test } from "vitest";
import { compileRowMapping } from "./row-mapping.ts";

const mapRow = compileRowMapping({
  map: [],
  key: "external_id",
  fields: new Map([["tier", "text"]]),
  emptyClears: false,
});
const mapped = (values: Readonly<Record<string, unknown>>) => mapRow({ line: 2, endsAt: 0, values });

test.each<[string, unknown, string]>([
  ["blanks", "  ", "has an external_id that is blank"],
  ["a no-break space", "\u00a0", "has an external_id that is blank"],
  ["a zero-width space within", "K\u200b1", "has an external_id that has characters that cannot be seen"],
  ["more than 255 characters", "x".repeat(256), "has an external_id that is longer than 255 characters"],
  ["a list", ["K1"], "has an external_id that is neither a text nor a number"],
  ["true", true, "has an external_id that is neither a text nor a number"],
  ["nothing", null, "has no external_id"],
])("a row whose key is %s makes no record that an event could never find", (_, external_id, reason) => {
  expect(mapped({ external_id, tier: "gold" })).toEqual({ reason });
});

test("a key may be a number, and have as many characters as people count", () => {
  expect(mapped({ external_id: 124, tier: "gold" })).toMatchObject({ key: "124" });
  expect(mapped({ external_id: "😀".repeat(128), tier: "gold" })).toMatchObject({ key: "😀".repeat(128) });
});
