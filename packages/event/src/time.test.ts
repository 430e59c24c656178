import fc from "fast-check";
import { expect, test } from "vitest";
import { readInstant, readTime } from "./time.ts";

test.each([
  ["1793879997311", "ms", "2026-11-05T11:59:57.311Z"],
  ["1793879997000", "ms", "2026-11-05T11:59:57.000Z"],
  ["1793879997", "s", "2026-11-05T11:59:57Z"],
  ["2026-11-05T06:59:58-05:00", "iso8601", "2026-11-05T11:59:58Z"],
  ["2026-11-05T11:59:58.812Z", "iso8601", "2026-11-05T11:59:58.812Z"],
  ["2026-11-05t11:59:58.123456z", "iso8601", "2026-11-05T11:59:58.123456Z"],
  ["2024-03-01T00:30:00.5+01:00", "iso8601", "2024-02-29T23:30:00.5Z"],
  ["2016-12-31T23:59:60Z", "iso8601", "2017-01-01T00:00:00Z"],
] as const)("%s in %s is %s", (text, unit, expected) => {
  expect(readInstant(text, unit)?.text).toBe(expected);
});

test.each([
  ["", "s"],
  ["-1", "s"],
  ["+1", "s"],
  ["01", "s"],
  ["1.0", "s"],
  ["1e3", "s"],
  ["0x10", "s"],
  [" 1614265330", "s"],
  ["1614265330abc", "s"],
  ["999999999999999", "s"],
  ["2026-02-29T00:00:00Z", "iso8601"],
  ["2026-11-05T24:00:00Z", "iso8601"],
  ["2026-11-05T11:59:60Z", "iso8601"],
  ["2026-11-05T11:59:00+0100", "iso8601"],
  ["2026-13-05T11:59:00Z", "iso8601"],
  ["2026-11-05T11:59:00", "iso8601"],
  ["2026-11-05", "iso8601"],
  ["0000-01-01T00:00:00+01:00", "iso8601"],
] as const)("%j in %s is no time", (text, unit) => {
  expect(readInstant(text, unit)).toBeUndefined();
});

test("milliseconds are what the text says, whatever its offset", () => {
  const offsets = fc.integer({ min: -23 * 60, max: 23 * 60 });
  const dates = fc.date({ min: new Date("1970-01-03"), max: new Date("9998-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(dates, offsets, (date, offset) => {
      const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
      const two = (value: number) => String(value).padStart(2, "0");
      const size = Math.abs(offset);
      const text = `${local}${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
      expect(readInstant(text, "iso8601")).toEqual({ ms: date.getTime(), text: date.toISOString() });
    }),
  );
});

test.each([
  ["-1", "s", "1969-12-31T23:59:59.000Z"],
  ["-86400000", "ms", "1969-12-31T00:00:00.000Z"],
  ["1793879997.412", "s", "2026-11-05T11:59:57.412Z"],
  ["1793879997.000200", "s", "2026-11-05T11:59:57.000200Z"],
  ["1793879997412345", "us", "2026-11-05T11:59:57.412345Z"],
  ["/Date(-86400000)/", "dotnet", "1969-12-31T00:00:00.000Z"],
  ["/Date(1793879997412+0100)/", "dotnet", "2026-11-05T11:59:57.412Z"],
  ["2026-11-05T12:59:57+0100", "iso8601", "2026-11-05T11:59:57Z"],
  ["2026-11-05T11:59:57.412+0000", "iso8601", "2026-11-05T11:59:57.412Z"],
  ["2026-11-05 06:59:57-0500", "utc", "2026-11-05T11:59:57Z"],
  ["2026-11-05 11:59:57.123", "utc", "2026-11-05T11:59:57.123Z"],
  // The hour that comes twice is two hours, by their zones.
  ["2026-11-01T01:30:00-04:00", "iso8601", "2026-11-01T05:30:00Z"],
  ["2026-11-01T01:30:00-0500", "iso8601", "2026-11-01T06:30:00Z"],
] as const)("%s, as a sender writes it in %s, is %s", (text, form, expected) => {
  expect(readTime(text, form)?.text).toBe(expected);
});

test.each([
  ["-99999999999999", "s"],
  ["1793879997.", "s"],
  ["2026-11-05", "iso8601"],
  ["2026-11-05T11:59:57-05", "iso8601"],
  ["/Date(x)/", "dotnet"],
] as const)("%s in %s is no time of a sender", (text, form) => {
  expect(readTime(text, form)).toBeUndefined();
});
