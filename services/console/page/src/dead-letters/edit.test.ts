import { expect, test } from "vitest";
import { editFromDrafts, membersOf, textOf, valueOf } from "./edit.ts";

test.each<[unknown, string]>([
  ["platin", "platin"],
  ["12", '"12"'],
  ["1.10", '"1.10"'],
  ["true", '"true"'],
  [12, "12"],
  [null, "null"],
  [{ city: null }, '{"city":null}'],
  ["", ""],
  // Numbers beyond 2^53 come as text of their digits, and go back as such.
  ["9007199254740993123", "9007199254740993123"],
])("%j is typed as %s, and read as what it was", (value, text) => {
  expect(textOf(value)).toBe(text);
  expect(valueOf(text)).toEqual(value);
});

test("an edit holds what was changed, added and left out, and nothing else", () => {
  const drafts = membersOf({
    editable: "fields",
    change: { delete: false, fields: { tier: "platin", visits: 3, phone: "1" }, aside: { address: { city: null } } },
    event: null,
  });
  expect(drafts.map(({ name }) => name)).toEqual(["tier", "visits", "phone", "address"]);
  expect(editFromDrafts(drafts)).toBeNull();
  const [tier, visits, phone, address] = drafts;
  const added = { name: "note", before: null, text: "by hand", isUnset: false };
  expect(editFromDrafts([{ ...tier!, text: "gold" }, visits!, { ...phone!, isUnset: true }, address!, added])).toEqual({
    set: { tier: "gold", note: "by hand" },
    unset: ["phone"],
  });
  // A member that was added and left out again was never there.
  expect(editFromDrafts([{ ...added, isUnset: true }])).toBeNull();
});

test("an event is edited leaf by leaf, by the paths that expressions use", () => {
  const drafts = membersOf({ editable: "event", change: null, event: { data: { tier: "x", tags: [1] }, id: "e" } });
  expect(drafts.map(({ name, text }) => [name, text])).toEqual([
    ["data.tier", "x"],
    ["data.tags", "[1]"],
    ["id", "e"],
  ]);
});
