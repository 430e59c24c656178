import { expect, test } from "vitest";
import { excusedBy } from "./excused.ts";
import type { SentEvent } from "./history.ts";
import type { Change, Value } from "./oracle.ts";
import type { Heard } from "./senders.ts";

const RECORD = "contact c-1";
/** The state of 100 s took the place of the one of 120 s. */
const LOSS = { kind: "copy", fromMs: 100_000, atMs: 120_000 } as const;
const LONG_AGO: readonly Heard[] = [{ atMs: 50_000, door: 0 }];
const LOST: readonly Heard[] = [{ atMs: 105_000, door: 0 }];

const eventOf = (id: string, changes: readonly Change[] = []): SentEvent => ({
  source: "erp",
  id,
  element: {},
  changes,
  dead: 0,
  sequence: null,
});
const at = (version: bigint, fields: Record<string, Value> | null): Change => ({
  record: RECORD,
  stamp: { version, rank: 0, id: "e" },
  fields: fields === null ? null : new Map(Object.entries(fields)),
});

test.for<[string, readonly Heard[], readonly number[], { excused: boolean; touched: boolean }]>([
  ["long before the copy", [{ atMs: 60_000, door: 0 }], [], { excused: false, touched: false }],
  ["in the lost time", LOST, [], { excused: true, touched: true }],
  ["after the loss", [{ atMs: 130_000, door: 0 }], [], { excused: false, touched: false }],
  ["by a door that adds again", [{ atMs: 115_000, door: 0 }], [], { excused: false, touched: true }],
  ["by a door that ended meanwhile", [{ atMs: 115_000, door: 0 }], [117_000], { excused: true, touched: true }],
  ["by a door that had ended before", [{ atMs: 115_000, door: 0 }], [114_000], { excused: false, touched: true }],
  ["by a door that ended long after", [{ atMs: 115_000, door: 0 }], [160_000], { excused: false, touched: true }],
  [
    "twice, once by a door that adds again",
    [...LOST, { atMs: 115_000, door: 0 }],
    [],
    { excused: false, touched: true },
  ],
  ["never", [], [], { excused: false, touched: false }],
])("an event that was acknowledged: %s", ([, heard, ends, { excused, touched }]) => {
  const events = [eventOf("a", [at(1n, { name: "a" })])];
  const found = excusedBy([LOSS], {
    events,
    heard: new Map([["a", heard]]),
    doorEndsMs: [ends],
    madeGoodMs: [[121_000]],
  });
  expect(found.events).toEqual(excused ? events : []);
  expect([...found.touched]).toEqual(touched ? [RECORD] : []);
});

const KEPT = at(5n, { name: "kept", balance: 5, tier: "kept" });
test.for<[string, readonly Change[], string | null, unknown, boolean]>([
  ["the kept value", [at(7n, { balance: 7 })], "balance", 5, true],
  ["the lost value, which is newer", [at(7n, { balance: 7 })], "balance", 7, true],
  ["one of several lost values", [at(7n, { balance: 7 }), at(8n, { balance: 8 })], "balance", 7, true],
  ["a lost value that is older than the kept one", [at(3n, { balance: 3 })], "balance", 3, false],
  ["a value that nobody sent", [at(7n, { balance: 7 })], "balance", 9, false],
  ["no value, where none was cleared", [at(7n, { balance: 7 })], "balance", undefined, false],
  ["no value, where a newer lost change cleared it", [at(7n, { balance: null })], "balance", undefined, true],
  ["no value, where an older lost change cleared it", [at(3n, { balance: null })], "balance", undefined, false],
  ["no value, after a newer lost delete", [at(7n, null), at(8n, { tier: "new" })], "balance", undefined, true],
  ["no record, after a newer lost delete", [at(7n, null)], null, undefined, true],
  ["no record, after an older lost delete", [at(3n, null)], null, undefined, false],
  ["no record, where none was deleted", [at(7n, { balance: 7 })], null, undefined, false],
])("whether the store may show %s", ([, lost, field, is, allowed]) => {
  const events = [eventOf("kept", [KEPT]), ...lost.map((change, index) => eventOf(`lost-${index}`, [change]))];
  const heard = new Map(events.map(({ id }) => [id, id === "kept" ? LONG_AGO : LOST]));
  const { allows } = excusedBy([LOSS], { events, heard, doorEndsMs: [[]], madeGoodMs: [[121_000]] });
  expect(allows(RECORD, field, is)).toBe(allowed);
});

test.for<[string, readonly Change[], Value, boolean]>([
  ["a delete that is newer, where the record lives on", [at(7n, null), at(9n, { tier: "new" })], 6, true],
  ["a delete after which there is nothing", [at(9n, null)], 6, false],
  ["a newer value, though a delete stands between", [at(7n, null), at(9n, { balance: 9 })], 6, false],
  ["no delete with another value", [at(7n, null), at(9n, { tier: "new" })], 7, false],
])("what a lost change wrote may outlive %s", ([, more, is, allowed]) => {
  const events = [
    ...[KEPT, ...more].map((change, index) => eventOf(`kept-${index}`, [change])),
    eventOf("lost", [at(6n, { balance: 6 })]),
  ];
  const heard = new Map(events.map(({ id }) => [id, id === "lost" ? LOST : LONG_AGO]));
  const { allows } = excusedBy([LOSS], { events, heard, doorEndsMs: [[]], madeGoodMs: [[121_000]] });
  expect(allows(RECORD, "balance", is)).toBe(allowed);
});

test.for<[string, number, boolean]>([
  ["before its door has said that it is", 122_000, true],
  ["after that", 127_000, false],
])("an event that was added again may be lost to a copy that is made %s", ([, fromMs, excused]) => {
  const events = [eventOf("a", [at(1n, { name: "a" })])];
  const heard = new Map([["a", [{ atMs: 115_000, door: 0 }]]]);
  const next = { kind: "copy", fromMs, atMs: 140_000 } as const;
  expect(excusedBy([LOSS, next], { events, heard, doorEndsMs: [[]], madeGoodMs: [[120_100, 124_000]] }).events).toEqual(
    excused ? events : [],
  );
});

test.for<[string, number, boolean]>([
  ["made with the state of that moment", 121_500, true],
  ["made with a later state", 123_000, false],
])("an event whose answer came just after a loss may be lost to a copy that is %s", ([, fromMs, excused]) => {
  const events = [eventOf("a", [at(1n, { name: "a" })])];
  const heard = new Map([["a", [{ atMs: 121_600, door: 0 }]]]);
  const next = { kind: "copy", fromMs, atMs: 140_000 } as const;
  const sent = { events, heard, doorEndsMs: [[]], madeGoodMs: [[120_500]] };
  expect(excusedBy([LOSS, next], sent).events).toEqual(excused ? events : []);
});

test("a lost change excuses no other record", () => {
  const events = [eventOf("lost", [at(7n, { name: "lost" })])];
  const { allows } = excusedBy([LOSS], {
    events,
    heard: new Map([["lost", LOST]]),
    doorEndsMs: [[]],
    madeGoodMs: [[121_000]],
  });
  expect(allows(RECORD, null, undefined)).toBe(true);
  expect(allows(RECORD, "name", "lost")).toBe(true);
  expect(allows("contact c-2", null, undefined)).toBe(false);
});
