import type { ChangeEffect } from "@sluice/record";
import { stampOf } from "@sluice/record";
import { expect, test } from "vitest";
import type { IncomingChange } from "./incoming-change.ts";
import { MAX_MERGE_BYTES, MAX_MERGE_CHANGES, MAX_MERGE_WEIGHT } from "../limits.ts";
import { groupByRecord, groupOf, scriptsOf, type RecordGroup } from "./merge-groups.ts";

const stamp = (version: number) =>
  stampOf({ kind: "integer", value: BigInt(version) }, 0, {
    finerMicros: null,
    arrival: { micros: 1, session: 1 },
    run: 0,
  });

type Given = { readonly id?: string; readonly delivery?: string; readonly fields?: Record<string, string> | null };

/** A change of the record `id`; without fields its delete. */
function change({ id = "a", delivery = "d", fields = { tier: "gold" } }: Given = {}): IncomingChange {
  const effect: ChangeEffect =
    fields === null ? { kind: "delete" } : { kind: "fields", fields: new Map(Object.entries(fields)) };
  return {
    ...{ id, key: "k", object: "o", order: "integer", digest: Buffer.from(delivery), arrival: Buffer.alloc(8) },
    ...{
      run: "",
      source: "erp",
      eventId: "e",
      cameMs: 0,
      trace: "",
      what: { kind: "change", stamp: stamp(1), effect },
    },
  };
}

const wide = (fields: number) => Object.fromEntries(Array.from({ length: fields }, (_, at) => [`f${at}`, "x"]));

/** A group that counts so much against the bounds of a script. */
const group = (changes: number, weight: number, bytes: number): RecordGroup => ({
  ...{ places: Array.from({ length: changes }, (_, at) => at), parts: [], args: [], weight, bytes },
});
const runs = (...groups: readonly RecordGroup[]): number[] => scriptsOf(groups).map(({ length }) => length);

test("changes of one record are a group, and the second delivery of an event is told to be merged by itself", () => {
  const changes = [
    change({ delivery: "1" }),
    change({ delivery: "2", id: "b" }),
    change({ delivery: "1" }),
    change({ delivery: "3" }),
  ];
  const { groups, again } = groupByRecord(changes);
  expect(groups.map(({ places }) => places)).toEqual([[0, 3], [1]]);
  expect(again).toEqual([2]);
});

test("a group weighs as much as its fields, and takes as many bytes as what it sends", () => {
  const [one, ten] = [groupOf([change()], [0]), groupOf([change({ fields: wide(10) })], [0])];
  expect([one.weight, ten.weight]).toEqual([1.01, 11]);
  expect(groupOf([change({ fields: null })], [0]).weight).toBe(1.01);
  const longer = groupOf([change({ fields: { tier: "gold".repeat(100) } })], [0]);
  expect(longer.bytes - one.bytes).toBe(396);
  expect(one.bytes).toBeGreaterThan(0);
});

test("a script takes as many groups as each of its bounds lets it, and a group that is larger goes alone", () => {
  const half = { changes: MAX_MERGE_CHANGES / 2, weight: MAX_MERGE_WEIGHT / 2, bytes: MAX_MERGE_BYTES / 2 };
  const of = (part: Partial<typeof half>): RecordGroup => {
    const { changes = 1, weight = 1, bytes = 1 } = part;
    return group(changes, weight, bytes);
  };
  for (const part of [{ changes: half.changes }, { weight: half.weight }, { bytes: half.bytes }]) {
    expect(runs(of(part), of(part), of(part), of(part), of(part)), JSON.stringify(part)).toEqual([2, 2, 1]);
    expect(runs(of(part), of(part), of({})), JSON.stringify(part)).toEqual([2, 1]);
  }
  expect(runs(of({}), group(1, 1, MAX_MERGE_BYTES * 2), of({}))).toEqual([1, 1, 1]);
  expect(scriptsOf([])).toEqual([]);
});
