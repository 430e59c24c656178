import { expect, test } from "vitest";
import type { LiveRecord } from "@sluice/queue";
import { stampOf, type Stamp } from "@sluice/record";
import { countDistinct } from "./distinct.ts";
import { createForecaster, type ForeseenChange } from "./forecast.ts";

const ARRIVAL = { micros: 1_793_520_000_000_000, session: 3 };

function stamp(version: bigint): Stamp {
  return stampOf({ kind: "integer", value: version }, 0, { finerMicros: null, arrival: ARRIVAL, run: 0 });
}

/** A change of customer `key`, what was made of its event, and the version that its record has confirmed of `tier`. */
function foreseen(
  key: string,
  fields: Readonly<Record<string, string | null>>,
  before: Readonly<Record<string, string>> | null,
  confirmed: bigint | null = null,
): ForeseenChange {
  const record = { destination: "crm", object: "customer", by: "external_id", key } as const;
  return {
    now: {
      destination: "crm",
      object: "customer",
      key: { by: "external_id", value: key },
      version: { kind: "integer", value: 5n },
      effect: { kind: "fields", fields: new Map(Object.entries(fields)) },
    },
    stamp: stamp(5n),
    before:
      before === null
        ? null
        : { record, effect: "fields", stamp: stamp(5n), word: "accepted", fields: before, hidden: [] },
    standing:
      confirmed === null
        ? null
        : ({
            confirmed: new Map([["tier", stamp(confirmed)]]),
            pending: new Map(),
            deleted: null,
          } as unknown as LiveRecord),
  };
}

function forecaster(writesUnchanged = true) {
  return createForecaster<string>({ writesUnchanged: () => writesUnchanged, samples: 2, valueCharacters: 10 });
}

test("each field is counted by what becomes of it, and a record is written where any of them lives", () => {
  const all = forecaster();
  all.add("a", "changed", [foreseen("1", { tier: "gold", city: "Ulm" }, { tier: "silver", city: "Ulm", zip: "1" })]);
  all.add("b", "changed", [foreseen("2", { tier: null }, { tier: "silver" })]);
  all.add("c", "newly_wanted", [foreseen("3", { tier: "gold" }, null)]);
  // A newer version of the field stands, so that nothing comes of it.
  all.add("d", "changed", [foreseen("4", { tier: "gold" }, { tier: "silver" }, 6n)]);
  all.add("e", "unchanged", null);
  const { fields, would, records, written, staleChanges, requests, events } = all.forecast;
  expect(
    fields.map(({ field, set, changed, cleared, same, stale, dropped }) => [
      field,
      set,
      changed,
      cleared,
      same,
      stale,
      dropped,
    ]),
  ).toEqual([
    ["tier", 1, 1, 1, 0, 1, 0],
    ["city", 0, 0, 0, 1, 0, 0],
    ["zip", 0, 0, 0, 0, 0, 1],
  ]);
  expect({ would, records, written, staleChanges, events }).toEqual({
    would: { changed: 3, newly_wanted: 1, unchanged: 1 },
    records: 4,
    written: 3,
    staleChanges: 1,
    events: 5,
  });
  expect([...requests]).toEqual([["crm", 3]]);
});

test("two events of one record are one request, and equal values are none where the destination is spared them", () => {
  const same = foreseen("1", { tier: "gold" }, { tier: "gold" });
  const sparing = forecaster(false);
  sparing.add("a", "unchanged", [same]);
  expect(sparing.forecast.written).toBe(0);
  const writing = forecaster();
  writing.add("a", "unchanged", [same]);
  writing.add("b", "unchanged", [same]);
  expect(writing.forecast.written).toBe(1);
});

test("examples are few, of different records, and long values in them are cut", () => {
  const all = forecaster();
  for (const key of ["1", "1", "2", "3"])
    all.add(key, "changed", [foreseen(key, { tier: "x".repeat(50) }, { tier: "a" })]);
  const { samples } = all.forecast;
  expect(samples.map(({ record }) => record.key)).toEqual(["1", "2"]);
  expect(samples[0]!.fields[0]).toMatchObject({ field: "tier", before: "a", isBeforeKnown: true, would: "changed" });
  expect(String(samples[0]!.fields[0]!.after)).toHaveLength(11);
});

test("rows that fail are counted by their place, with an event as an example", () => {
  const all = forecaster();
  const fault = { place: "sources.erp.records[0].version", message: "no readable version" };
  all.fail("a", [fault]);
  all.fail("b", [fault]);
  expect(all.forecast.faults).toEqual([{ ...fault, events: 2, sample: "a" }]);
});

test.each([0, 1, 20, 3000])("%s different texts are counted exactly", (count) => {
  const distinct = countDistinct();
  for (let round = 0; round < 2; round += 1) for (let at = 0; at < count; at += 1) distinct.add(`crm/customer/${at}`);
  expect(Math.abs(distinct.count - count)).toBeLessThanOrEqual(count > 1000 ? 2 : 0);
});

test("hundreds of thousands of texts are counted within a hundredth", () => {
  const distinct = countDistinct();
  for (let at = 0; at < 500_000; at += 1) distinct.add(`["crm","customer","external_id","c-${at}"]`);
  expect(Math.abs(distinct.count - 500_000)).toBeLessThan(5000);
});
