import type { TimeForm, TimestampUnit } from "./scheme.ts";

/** An instant with the digits that its sender gave: `ms` for arithmetic, `text` in RFC 3339, UTC. */
export type Instant = { readonly ms: number; readonly text: string };

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:([Zz])|([+-])(\d\d):(\d\d))$/;

/** Milliseconds of the last instant that RFC 3339 can write: the year has four digits. */
const MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Reads an instant strictly: no leading zeros, signs or spaces in numbers, no date that the calendar lacks. */
export function readInstant(text: string, unit: TimestampUnit): Instant | undefined {
  if (unit === "iso8601") return readRfc3339(text);
  if (!/^(?:0|[1-9]\d{0,14})$/.test(text)) return undefined;
  const ms = unit === "s" ? Number(text) * 1_000 : Number(text);
  if (ms > MAX_MS) return undefined;
  const iso = new Date(ms).toISOString();
  return { ms, text: unit === "s" ? iso.replace(".000Z", "Z") : iso };
}

/** An instant as a sender writes it that signs it, for `readInstant`. */
export function writeInstant(ms: number, unit: TimestampUnit): string {
  switch (unit) {
    case "s":
      return String(Math.floor(ms / 1_000));
    case "ms":
      return String(Math.floor(ms));
    case "iso8601":
      return new Date(ms).toISOString();
  }
}

/**
 * Reads a time as a body writes it, in any of the forms that senders use: also before 1970, with parts of a second, and with a zone
 * that has no colon. The time of a signature is read by `readInstant`, strictly.
 */
export function readTime(text: string, form: TimeForm): Instant | undefined {
  switch (form) {
    case "s": {
      const [, seconds, fraction] = /^(\d+)\.(\d{1,9})$/.exec(text) ?? [];
      const whole = seconds === undefined ? undefined : readInstant(seconds, "s");
      if (whole === undefined) return beforeEpoch(text, 1_000) ?? readInstant(text, "s");
      return readRfc3339(whole.text.replace("Z", `.${fraction}Z`));
    }
    case "ms":
      return beforeEpoch(text, 1) ?? readInstant(text, form);
    case "iso8601":
      return readInstant(withColon(text), form);
    case "us": {
      const [, ms, micros] = /^([1-9]\d{0,13})(\d{3})$/.exec(text) ?? [];
      const instant = ms === undefined ? undefined : readInstant(ms, "ms");
      return instant && { ms: instant.ms, text: instant.text.replace("Z", `${micros}Z`) };
    }
    case "utc": {
      const written = withColon(text.replace(" ", "T"));
      const hasZone = /(?:[Zz]|[+-]\d\d:\d\d)$/.test(written);
      return readRfc3339(hasZone ? written : `${written}Z`);
    }
    case "dotnet": {
      // The zone only says how the sender would show it; the milliseconds are UTC.
      const [, ms] = /^\/Date\((0|-?[1-9]\d{0,14})(?:[+-]\d{4})?\)\/$/.exec(text) ?? [];
      return ms === undefined ? undefined : readTime(ms, "ms");
    }
  }
}

/** A time with a colon in its zone, which older systems write as `+0100`. */
function withColon(text: string): string {
  return text.replace(/(T.*[+-]\d\d)(\d\d)$/, "$1:$2");
}

function beforeEpoch(text: string, unitMs: number): Instant | undefined {
  if (!/^-[1-9]\d{0,14}$/.test(text)) return undefined;
  const at = new Date(Number(text) * unitMs);
  const isWritable = !Number.isNaN(at.getTime()) && at.getUTCFullYear() >= 0;
  return isWritable ? { ms: at.getTime(), text: at.toISOString() } : undefined;
}

function readRfc3339(text: string): Instant | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [, , , , , , , fraction = "", , sign, offsetHours = "0", offsetMinutes = "0"] = match;
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  local.setUTCHours(hour, minute, second);
  const isReal =
    local.getUTCMonth() === month - 1 &&
    local.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60 &&
    Number(offsetHours) < 24 &&
    Number(offsetMinutes) < 60;
  if (!isReal) return undefined;
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  const wholeMs = local.getTime() - (sign === "-" ? -offsetMs : offsetMs);
  const iso = new Date(wholeMs).toISOString();
  // A year outside 0000…9999 is written with a sign and six digits.
  if (iso.length !== 24) return undefined;
  return {
    ms: wholeMs + Number(`${fraction}000`.slice(0, 3)),
    text: `${iso.slice(0, 19)}${fraction === "" ? "" : `.${fraction}`}Z`,
  };
}
