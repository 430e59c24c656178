import fc from "fast-check";
import { expect, test } from "vitest";
import { arrivalOf, compareStamps, decodeStamp, encodeStamp, isTie, rerun, stampOf, type Tie } from "./stamp.ts";
import { readVersion } from "./version.ts";

const stamps = fc
  .record({
    version: fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map((value) => ({ kind: "integer" as const, value })),
      fc.bigInt({ min: -(2n ** 56n), max: 2n ** 56n }).map((micros) => ({ kind: "time" as const, micros })),
    ),
    rank: fc.integer({ min: 0, max: 65_535 }),
    tie: fc.record({
      finerMicros: fc.option(fc.bigInt({ min: -10n, max: 2n ** 53n - 1n })),
      arrival: fc.record({ micros: fc.nat({ max: 2 ** 52 }), session: fc.nat({ max: 64 ** 3 - 1 }) }),
      run: fc.nat({ max: 3 }),
    }),
  })
  .map(({ version, rank, tie }) => stampOf(version, rank, tie));
const VERSION = { kind: "integer", value: 1n } as const;
const tie = (micros: number, more: Partial<Tie> = {}): Tie => ({
  finerMicros: null,
  arrival: { micros, session: 0 },
  run: 0,
  ...more,
});
/** Checks that ties stand in the order of docs/design.md §4.2: finer time, arrival, run; no finer time is the lowest. */
const ordered = (ties: readonly Tie[]): void => {
  const all = ties.map((each) => stampOf(VERSION, 0, each));
  expect(all.toSorted(compareStamps)).toEqual(all);
  expect(new Set(all.map(({ tail }) => tail)).size).toBe(all.length);
};

test("of one version the finer time decides, then the arrival, then the run", () => {
  const micros = 1_793_879_997_000_000;
  ordered([
    tie(micros, { arrival: { micros, session: 1 } }),
    tie(micros, { arrival: { micros, session: 2 } }),
    tie(micros + 1),
    tie(micros + 1, { run: 1 }),
    tie(micros + 1, { run: 2 }),
    tie(micros + 1, { run: 70 }),
    tie(micros + 2),
    tie(micros + 9, { finerMicros: 400_000n }),
    tie(micros + 5, { finerMicros: 900_000n }),
    tie(micros + 6, { finerMicros: 900_000n }),
  ]);
});

test("only arrival deciding is a tie: another version, rank or finer time is none", () => {
  const at = (more: Partial<Tie> = {}, rank = 0): ReturnType<typeof stampOf> => stampOf(VERSION, rank, tie(5, more));
  expect(isTie(at(), at({ arrival: { micros: 6, session: 3 } }))).toBe(true);
  expect(isTie(at({ finerMicros: 7n }), at({ finerMicros: 7n, arrival: { micros: 9, session: 0 } }))).toBe(true);
  expect(isTie(at({ finerMicros: 7n }), at({ finerMicros: 8n }))).toBe(false);
  expect(isTie(at({ finerMicros: 7n }), at())).toBe(false);
  expect(isTie(at(), at({}, 1))).toBe(false);
});

test("an arrival is read back from a stamp, and a stamp of the release before has none", () => {
  const arrival = { micros: 1_793_879_997_123_456, session: 262_143 };
  expect(arrivalOf(stampOf(VERSION, 0, { finerMicros: 5n, arrival, run: 3 }))).toEqual(arrival);
  expect(arrivalOf(stampOf(VERSION, 0, { finerMicros: null, arrival, run: 0 }))).toEqual(arrival);
  expect(arrivalOf({ version: 1n, rank: 0, tail: "evt_1" })).toBe(null);
});

test("a stamp of the release before is older than one of the same version that came in since, and a replay of it newer", () => {
  const before = { version: 1n, rank: 0, tail: "zzz-last-of-all-ids" };
  expect(compareStamps(stampOf(VERSION, 0, tie(1)), before)).toBeGreaterThan(0);
  expect(compareStamps(rerun(before, 1), before)).toBeGreaterThan(0);
  expect(compareStamps(rerun(before, 2), rerun(before, 1))).toBeGreaterThan(0);
  expect(decodeStamp(encodeStamp(before))).toEqual(before);
});

test("a replay is newer than what it repeats and older than every newer event", () => {
  const first = stampOf(VERSION, 0, tie(5));
  expect(compareStamps(rerun(first, 9), first)).toBeGreaterThan(0);
  expect(compareStamps(rerun(rerun(first, 9), 10), rerun(first, 9))).toBeGreaterThan(0);
  expect(compareStamps(stampOf(VERSION, 0, tie(6)), rerun(first, 10))).toBeGreaterThan(0);
  expect(rerun(first, 4)).toEqual(stampOf(VERSION, 0, tie(5, { run: 4 })));
});

test("the bytes of stamps order as the stamps do, and read back", () => {
  fc.assert(
    fc.property(stamps, stamps, (a, b) => {
      expect(Math.sign(Buffer.compare(encodeStamp(a), encodeStamp(b)))).toBe(Math.sign(compareStamps(a, b)));
      expect(decodeStamp(encodeStamp(a))).toEqual(a);
      expect(encodeStamp(a).length).toBeLessThanOrEqual(36);
      expect(a.tail).toMatch(/^[\x20-\x7e]+$/);
    }),
    { numRuns: 5000 },
  );
});

test("integers beyond 2^53 are told apart", () => {
  const at = (text: string): ReturnType<typeof stampOf> => {
    const version = readVersion(text);
    if ("fault" in version) throw new Error(version.fault);
    return stampOf(version, 0, tie(1));
  };
  expect(compareStamps(at("9007199254740993"), at("9007199254740992"))).toBeGreaterThan(0);
  expect(compareStamps(at("9223372036854775807"), at("9223372036854775806"))).toBeGreaterThan(0);
});

test.each([
  ["2026-11-05T11:59:57Z", 1793879997000000n],
  ["2026-11-05T12:59:57+01:00", 1793879997000000n],
  ["2026-11-05t11:59:57.1234567z", 1793879997123456n],
  ["1969-12-31T23:59:59.999999Z", -1n],
  ["2016-12-31T23:59:60Z", 1483228800000000n],
  ["1990-12-31T15:59:60-08:00", 662688000000000n],
  ["2026-11-05T11:59:57-00:00", 1793879997000000n],
  ["2026-11-05 11:59:57Z", 1793879997000000n],
])("the time %s is %i µs", (text, micros) => {
  expect(readVersion(text)).toEqual({ kind: "time", micros });
});

test.each([
  [null],
  [undefined],
  [true],
  [-1],
  [1.5],
  [2 ** 53],
  [""],
  ["9223372036854775808"],
  ["2026-11-05"],
  ["2026-11-05T11:59:57"],
  ["2026-02-30T00:00:00Z"],
  ["2026-11-05T25:00:00Z"],
  ["2026-11-05T11:59:60Z"],
  ["2016-12-31T23:59:60+01:00"],
  ["2026-11-05T11:59:57+24:00"],
  ["2026-11-05T11:59:57.Z"],
  ["2026-11-05T24:00:00Z"],
  ["yesterday"],
])("%j is no version, and the fault says so", (value) => {
  expect(readVersion(value)).toHaveProperty("fault");
});
