import type { StoredRecord } from "@sluice/destination";
import type { Queue, LiveRecord } from "@sluice/queue";
import { stampOf, type Stamp } from "@sluice/record";
import { SluiceError } from "@sluice/runtime";
import { expect, test } from "vitest";
import { createComparer, type ComparerParts } from "./compare-stretch.ts";
import { recordDigest, type PastRecord } from "./confirmed-past.ts";
import { createTally } from "./reconcile-report.ts";

const NOW_MS = Date.parse("2026-11-28T12:00:00Z");
const stamp = (version: bigint): Stamp =>
  stampOf({ kind: "integer", value: version }, 0, {
    finerMicros: null,
    arrival: { micros: (NOW_MS - 3_600_000) * 1000, session: 1 },
    run: 0,
  });

const RECORD = { destination: "crm", object: "customer", by: "external_id", key: "1" } as const;
const PAST: PastRecord = {
  record: RECORD,
  place: recordDigest(RECORD),
  fields: new Map([["tier", { stamp: stamp(1n), isShown: true }]]),
  deletion: null,
  lastEndedMs: NOW_MS - 3_600_000,
};
const confirmed = (version: bigint, more: Partial<LiveRecord> = {}): LiveRecord =>
  ({ state: "quiet", confirmed: new Map([["tier", stamp(version)]]), deleted: null, ...more }) as LiveRecord;
const stored = (tier: string): StoredRecord => ({ fields: new Map([["tier", tier]]), changedAtMs: NOW_MS });

type Situation = {
  /** The record's state in Redis, look by look; the last one stands. */
  readonly states?: readonly LiveRecord[];
  readonly there?: StoredRecord | null;
  readonly isRepairing?: boolean;
  readonly blindMs?: readonly [number, number];
  readonly wentBack?: boolean;
  readonly answer?: "pending" | "newer" | "repaired";
};

/** Compares the one record, whose confirmed tier is `gold`, and tells what was done. */
async function compare({
  states = [confirmed(1n)],
  there = stored("by hand"),
  isRepairing = false,
  blindMs,
  wentBack = false,
  answer = "repaired",
}: Situation) {
  const did: string[] = [];
  let looks = 0;
  const records = {
    show: async () => states[Math.min(looks++, states.length - 1)]!,
    trust: async () => void did.push("trusted"),
    async repair(_object: string, _key: unknown, fields: ReadonlyMap<string, { readonly value: unknown }>) {
      did.push(`repair ${JSON.stringify([...fields].map(([field, { value }]) => [field, value]))}`);
      return answer;
    },
  };
  const tally = createTally();
  const parts: ComparerParts = {
    queue: { lane: () => ({ records }) } as unknown as Queue,
    past: {
      confirmed: async () => ({ records: [PAST], until: null }),
      async values({ wanted }) {
        const isKnown = wanted.get(PAST.place)?.get("tier") !== undefined;
        const value = { value: "gold", source: "erp", event: "e-1" };
        return { values: new Map(isKnown ? [[PAST.place, new Map([["tier", value]])]] : []), until: null };
      },
      gapTimes: async () => [],
    },
    where: { destination: "crm", object: null, placeOf: recordDigest },
    readBack: {
      requestsOf: (keys) => [keys],
      read: async () => ({ exchange: { answer: { kind: "done" }, status: "200", shown: null }, records: [there] }),
      holds: (found, written) => found === written,
    },
    quiet: { make: async (send) => await send(), room: async () => true },
    tally,
    repairing: isRepairing
      ? {
          blind: { gaps: [], everywhere: blindMs === undefined ? [] : [blindMs] },
          async assertSameState() {
            if (wentBack) throw new SluiceError("it went back", { code: "state_went_back" });
          },
        }
      : null,
    nowMs: () => NOW_MS,
    onCompared: async () => {},
    signal: new AbortController().signal,
  };
  const comparer = createComparer(parts);
  const error: unknown = await comparer.compare([PAST], false).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  const { found, same, repairs } = tally.report;
  const isAgain = comparer.again.has(PAST.place);
  return { did, same, different: found.different, missing: found.missing, repairs, isAgain, error };
}

test("a difference is a finding, and is mended where that is asked for", async () => {
  expect(await compare({})).toMatchObject({ did: [], different: 1, repairs: { none: 1 }, isAgain: false });
  expect(await compare({ isRepairing: true })).toMatchObject({
    did: ['repair [["tier","gold"]]'],
    repairs: { asked: 1 },
    isAgain: true,
  });
  expect(await compare({ isRepairing: true, there: null })).toMatchObject({ missing: 1, repairs: { asked: 1 } });
});

test.each([
  ["was written", confirmed(2n)],
  ["was deleted", confirmed(1n, { deleted: stamp(2n) })],
  ["became pending", confirmed(1n, { state: "due" })],
])("a record that %s while it was read is no finding, and is looked at once more", async (_what, later) => {
  const states = [confirmed(1n), later];
  expect(await compare({ states, isRepairing: true })).toMatchObject({ did: [], different: 0, isAgain: true });
});

test("something that comes in at the very repair goes first, and the record is looked at once more", async () => {
  expect(await compare({ isRepairing: true, answer: "pending" })).toMatchObject({ different: 0, isAgain: true });
});

test("a difference that may be a newer write of our own, which is forgotten, is left", async () => {
  const blindMs = [NOW_MS - 60_000, NOW_MS + 60_000] as const;
  expect(await compare({ isRepairing: true, blindMs })).toMatchObject({ did: [], repairs: { blind: 1 } });
});

test("where the state in Redis went back meanwhile nothing is repaired", async () => {
  const { did, error } = await compare({ isRepairing: true, wentBack: true });
  expect([did, error]).toMatchObject([[], { code: "state_went_back" }]);
});

test("a doubtful record that shows what was confirmed is doubtful no more", async () => {
  const states = [confirmed(1n, { isDoubtful: true })];
  expect(await compare({ states, there: stored("gold") })).toMatchObject({ did: ["trusted"], same: 1 });
  expect(await compare({ there: stored("gold") })).toMatchObject({ did: [], same: 1 });
  expect(await compare({ states })).toMatchObject({ did: [], different: 1 });
});
