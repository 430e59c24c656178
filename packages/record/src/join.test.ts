import { expect, test } from "vitest";
import { join } from "./join.ts";
import { isTie, stampOf, tieOf, type Stamp } from "./stamp.ts";

const stamp = (version: bigint, micros: number, { rank = 0, finerMicros = null as bigint | null } = {}): Stamp =>
  stampOf({ kind: "integer", value: version }, rank, { finerMicros, arrival: { micros, session: 1 }, run: 0 });
const fields = (at: Stamp, values: Readonly<Record<string, string>>) =>
  ({ stamp: at, effect: { kind: "fields", fields: new Map(Object.entries(values)) } }) as const;
const gone = (at: Stamp) => ({ stamp: at, effect: { kind: "delete" } }) as const;

/** The parts as `index: what is left`, with `tied` behind the ones of which arrival alone decides. */
const joined = (changes: Parameters<typeof join>[0]): string[] =>
  join(changes).map(({ index, effect, tied }) => {
    const left =
      effect.kind === "delete"
        ? "delete"
        : [...effect.fields].map(([field, value]) => `${field}=${value as string}`).join(" ");
    return `${index}: ${left}${tied ? " tied" : ""}`;
  });

test.each([
  [
    "each field is the newest one's",
    [fields(stamp(1n, 1), { a: "old", b: "1" }), fields(stamp(2n, 2), { a: "new" })],
    ["1: a=new", "0: b=1"],
  ],
  ["fields older than a delete are gone", [fields(stamp(1n, 1), { a: "1" }), gone(stamp(2n, 2))], ["1: delete", "0: "]],
  [
    "fields newer than a delete follow it",
    [gone(stamp(1n, 1)), fields(stamp(2n, 2), { a: "1" })],
    ["0: delete", "1: a=1"],
  ],
  [
    "of deletes the newest is left",
    [gone(stamp(1n, 1)), gone(stamp(3n, 3)), gone(stamp(2n, 2))],
    ["1: delete", "2: ", "0: "],
  ],
  [
    "what a delete took is not taken back by an older one",
    [gone(stamp(3n, 3)), gone(stamp(1n, 1)), fields(stamp(2n, 2), { a: "1" })],
    ["0: delete", "2: ", "1: "],
  ],
  [
    "a field that arrival alone decides is tied, whatever its neighbours are",
    [fields(stamp(1n, 1), { a: "1", b: "1" }), fields(stamp(1n, 2), { a: "2" }), fields(stamp(2n, 3), { b: "3" })],
    ["2: b=3", "1: a=2", "0:  tied"],
  ],
  [
    "changes of one moment that share no field are not tied",
    [fields(stamp(1n, 1), { a: "1" }), fields(stamp(1n, 2), { b: "2" })],
    ["1: b=2", "0: a=1"],
  ],
  [
    "two deletes may be tied, and fields with one",
    [gone(stamp(1n, 3)), gone(stamp(1n, 2)), fields(stamp(1n, 1), { a: "1" })],
    ["0: delete", "1:  tied", "2:  tied"],
  ],
  [
    "an older delete is not tied",
    [gone(stamp(2n, 2)), gone(stamp(1n, 1)), fields(stamp(1n, 3), { a: "1" })],
    ["0: delete", "2: ", "1: "],
  ],
] as const)("%s", (_, changes, parts) => {
  expect(joined(changes)).toEqual(parts);
});

test.each([
  ["another version", stamp(2n, 2), false],
  ["another rank", stamp(1n, 2, { rank: 1 }), false],
  ["a finer time", stamp(1n, 2, { finerMicros: 5n }), false],
  ["the very same", stamp(1n, 1), false],
  ["arrival alone", stamp(1n, 2), true],
] as const)("%s decides between two stamps, and is a tie where it is the arrival", (_, other, tied) => {
  expect(isTie(stamp(1n, 1), other)).toBe(tied);
});

test("a stamp says again what it was made of", () => {
  for (const tie of [
    { finerMicros: null, arrival: { micros: 1_793_520_000_000_000, session: 7 }, run: 0 },
    { finerMicros: 1_793_520_000_123_456n, arrival: { micros: 5, session: 1 }, run: 3 },
  ])
    expect(tieOf(stampOf({ kind: "integer", value: 1n }, 0, tie))).toEqual(tie);
});
