import fc from "fast-check";
import { expect, test } from "vitest";
import { compareStamps, decodeStamp, encodeStamp, stampOf } from "./stamp.ts";
import { readVersion } from "./version.ts";

const stamps = fc
  .record({
    version: fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map((value) => ({ kind: "integer" as const, value })),
      fc.bigInt({ min: -(2n ** 56n), max: 2n ** 56n }).map((micros) => ({ kind: "time" as const, micros })),
    ),
    rank: fc.integer({ min: 0, max: 65_535 }),
    id: fc.oneof(fc.string({ maxLength: 80, unit: "grapheme" }), fc.uuid()),
  })
  .map(({ version, rank, id }) => stampOf(version, rank, id));

test("the bytes of stamps order as the stamps do, and read back", () => {
  fc.assert(
    fc.property(stamps, stamps, (a, b) => {
      expect(Math.sign(Buffer.compare(encodeStamp(a), encodeStamp(b)))).toBe(Math.sign(compareStamps(a, b)));
      expect(decodeStamp(encodeStamp(a))).toEqual(a);
      expect(encodeStamp(a).length).toBeLessThanOrEqual(46);
    }),
    { numRuns: 5000 },
  );
});

test("integers beyond 2^53 are told apart", () => {
  const at = (text: string): ReturnType<typeof stampOf> => {
    const version = readVersion(text);
    if ("fault" in version) throw new Error(version.fault);
    return stampOf(version, 0, "e");
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
