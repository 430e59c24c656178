import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "@sluice/event";
import {
  admitDelete,
  admitFields,
  admitJoined,
  claim,
  compareStamps,
  EMPTY_RECORD,
  knownOf,
  repair,
  settleDelete,
  settleFields,
  stampOf,
  type ConfirmedField,
  type RecordState,
  type Stamp,
} from "./index.ts";

const seed = Number(process.env["SLUICE_TEST_SEED"]);
console.log(`convergence of the model, seed ${seed}`);

/** An event of the tests: the record's tier and balance, or a delete, at a version. */
type Happening = { stamp: Stamp; source: string; fields: ReadonlyMap<string, Json> | null };

const SOURCES = ["erp", "shop"];
const happenings = fc
  .uniqueArray(
    fc.record({
      version: fc.bigInt({ min: 0n, max: 6n }),
      rank: fc.integer({ min: 0, max: 1 }),
      id: fc.nat({ max: 1000 }),
      fields: fc.option(
        fc.dictionary(fc.constantFrom("tier", "balance", "city"), fc.oneof(fc.integer(), fc.constant(null)), {
          minKeys: 1,
        }),
        { freq: 5 },
      ),
    }),
    { maxLength: 8, selector: ({ version, rank, id }) => `${version}/${rank}/${id}` },
  )
  .map((all) =>
    all.map(({ version, rank, id, fields }): Happening => ({
      stamp: stampOf({ kind: "integer", value: version }, rank, {
        finerMicros: null,
        arrival: { micros: id, session: 0 },
        run: 0,
      }),
      source: SOURCES[rank]!,
      fields: fields === null ? null : new Map(Object.entries(fields)),
    })),
  );

/** The destination, as far as a record goes: null is a record that does not exist. */
type Destination = Map<string, Json> | null;

/** The record that must come out, computed without any of the product's code: the newest of every field after the newest delete. */
function oracle(all: readonly Happening[]): Destination {
  const order = all.toSorted((a, b) => compareStamps(a.stamp, b.stamp));
  let record: Destination = null;
  for (const { fields } of order) {
    if (fields === null) record = null;
    else for (const [field, value] of fields) record = (record ?? new Map()).set(field, value);
  }
  return record;
}

/** Where a history is interrupted: after which steps the record is written, and whether the answer is lost. */
const interruptions = fc.array(fc.constantFrom("none", "write", "lose"), { maxLength: 20 });

test("a record converges to the newest value of every field, in any order, with duplicates and lost answers", () => {
  fc.assert(
    fc.property(happenings, fc.infiniteStream(fc.nat()), interruptions, (all, chance, cuts) => {
      const shuffled = [...all, ...all.slice(0, 3)]
        .map((each) => ({ each, at: chance.next().value as number }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ each }) => each);
      let state: RecordState = EMPTY_RECORD;
      let destination: Destination = null;
      let accepted = 0;
      let ended = 0;
      const write = (answer: boolean): void => {
        const taken = claim(state);
        state = taken.state;
        const { snapshot } = taken;
        if (snapshot.deletion !== null) {
          destination = null;
          if (!answer) return;
          const settled = settleDelete(state, snapshot);
          state = settled.state;
          ended += total(settled.tally);
          return;
        }
        for (const [field, { value }] of snapshot.fields) {
          destination = (destination ?? new Map<string, Json>()).set(field, value);
        }
        if (!answer) return;
        const settled = settleFields(state, snapshot);
        state = settled.state;
        ended += total(settled.tally);
      };
      const admit = ({ stamp, source, fields }: Happening): void => {
        const admitted =
          fields === null
            ? admitDelete(state, source, stamp)
            : { ...admitFields(state, source, stamp, fields), tally: new Map() };
        state = admitted.state;
        accepted += 1;
        ended += total(admitted.tally) + (admitted.accepted ? 0 : 1);
      };
      const admitTogether = (several: readonly Happening[]): void => {
        const admitted = admitJoined(
          state,
          several.map(({ stamp, source, fields }) => ({
            stamp,
            source,
            effect: fields === null ? ({ kind: "delete" } as const) : ({ kind: "fields", fields } as const),
          })),
        );
        state = admitted.state;
        accepted += several.length;
        ended += total(admitted.tally) + admitted.accepted.filter((each) => !each).length;
      };
      for (let step = 0; step < shuffled.length; step += 1) {
        const together = 1 + ((chance.next().value as number) % 3);
        if (together === 1) admit(shuffled[step]!);
        else {
          admitTogether(shuffled.slice(step, step + together));
          step += Math.min(together, shuffled.length - step) - 1;
        }
        const cut = cuts[step] ?? "none";
        if (cut !== "none" && (state.pending.size > 0 || state.deletion !== null)) write(cut === "write");
      }
      while (state.pending.size > 0 || state.deletion !== null || state.open.size > 0) write(true);
      expect(withoutNulls(destination)).toEqual(withoutNulls(oracle(all)));
      expect(ended).toBe(accepted);
    }),
    { seed, numRuns: 10_000 },
  );
});

/** Between the steps: a look at the destination, a repair of what a look found, or somebody's hand on the destination. */
const hands = fc.array(fc.constantFrom("none", "write", "lose", "look", "repair", "edit", "delete there"), {
  maxLength: 30,
});

test("a repair never writes anything older than what is pending, or was confirmed since, and puts back what somebody changed", () => {
  fc.assert(
    fc.property(happenings, fc.infiniteStream(fc.nat()), hands, (all, chance, acts) => {
      const shuffled = all
        .map((each) => ({ each, at: chance.next().value as number }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ each }) => each);
      let state: RecordState = EMPTY_RECORD;
      let [accepted, ended] = [0, 0];
      let destination: Destination = null;
      /** The stamp of each value that our own writes left at the destination. */
      const shown = new Map<string, Stamp>();
      let wentBack = 0;
      const brought = new Map(all.map((each) => [each.stamp, each] as const));
      let looked: ReadonlyMap<string, ConfirmedField> = new Map();

      const write = (answer: boolean): void => {
        const taken = claim(state);
        state = taken.state;
        const { snapshot } = taken;
        if (snapshot.deletion !== null) destination = null;
        else {
          for (const [field, { value, stamp }] of snapshot.fields) {
            if (compareStamps(stamp, shown.get(field) ?? stamp) < 0) wentBack += 1;
            shown.set(field, stamp);
            destination = (destination ?? new Map<string, Json>()).set(field, value);
          }
        }
        if (!answer) return;
        const settled = (snapshot.deletion === null ? settleFields : settleDelete)(state, snapshot);
        state = settled.state;
        ended += total(settled.tally);
      };
      /** The knowledge of a reconcile: the confirmed stamps, with the values and sources of the changes that brought them. */
      const look = (): void => {
        const entries = [...state.ledger].map(([field, stamp]) => {
          const { source, fields } = brought.get(stamp)!;
          return [field, { stamp, source, value: fields?.get(field) ?? null }] as const;
        });
        looked = new Map(entries);
      };
      const mend = (): void => {
        const known = knownOf(state);
        const before = [...state.open.values()].reduce((sum, count) => sum + count, 0);
        state = repair(state, looked);
        accepted += [...state.open.values()].reduce((sum, count) => sum + count, 0) - before;
        expect(knownOf(state)).toEqual(known);
      };
      const act = (what: string): void => {
        if (what === "look") look();
        if (what === "repair") mend();
        if (what === "edit") destination?.set("tier", "by hand");
        if (what === "delete there") destination = null;
        const hasWork = state.pending.size > 0 || state.deletion !== null;
        if ((what === "write" || what === "lose") && hasWork) write(what === "write");
      };
      for (const [step, { stamp, source, fields }] of shuffled.entries()) {
        const admitted =
          fields === null
            ? admitDelete(state, source, stamp)
            : { ...admitFields(state, source, stamp, fields), tally: new Map() };
        state = admitted.state;
        accepted += 1;
        ended += total(admitted.tally) + (admitted.accepted ? 0 : 1);
        for (const what of acts.slice(step * 3, step * 3 + 3)) act(what);
      }
      const writeAll = (): void => {
        while (state.pending.size > 0 || state.deletion !== null || state.open.size > 0) write(true);
      };
      writeAll();
      look();
      mend();
      writeAll();
      expect(wentBack).toBe(0);
      // A field that nobody told us of is not ours: what a hand put there stays.
      const ours = [...(destination ?? new Map<string, Json>())].filter(([field]) => state.ledger.has(field));
      expect(withoutNulls(new Map(ours))).toEqual(withoutNulls(oracle(all)));
      expect(ended).toBe(accepted);
    }),
    { seed, numRuns: 10_000 },
  );
});

function total(tally: ReadonlyMap<string, ReadonlyMap<string, number>>): number {
  return [...tally.values()].flatMap((outcomes) => [...outcomes.values()]).reduce((sum, count) => sum + count, 0);
}

/** A cleared field and one that was never set read the same; so do a record of nothing and none. */
function withoutNulls(record: Destination): Record<string, Json> {
  return Object.fromEntries([...(record ?? new Map<string, Json>())].filter(([, value]) => value !== null));
}
