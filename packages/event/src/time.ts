import { readRfc3339 } from "./rfc3339.ts";
import type { TimeForm, TimestampUnit } from "./scheme.ts";

/** An instant with the digits that its sender gave: `ms` for arithmetic, `text` in RFC 3339, UTC. */
export type Instant = { readonly ms: number; readonly text: string };

/** Milliseconds of the last instant that RFC 3339 can write: the year has four digits. */
const MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Reads an instant strictly: no leading zeros, signs or spaces in numbers, no date that the calendar lacks. */
export function readInstant(text: string, unit: TimestampUnit): Instant | undefined {
  // A signed time keeps to the letter of RFC 3339: its zone has a colon.
  if (unit === "iso8601") return /[+-]\d{4}$/.test(text) ? undefined : instantOf(text);
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
      return instantOf(whole.text.replace("Z", `.${fraction}Z`));
    }
    case "ms":
      return beforeEpoch(text, 1) ?? readInstant(text, form);
    case "iso8601":
      return instantOf(text);
    case "us": {
      const [, ms, micros] = /^([1-9]\d{0,13})(\d{3})$/.exec(text) ?? [];
      const instant = ms === undefined ? undefined : readInstant(ms, "ms");
      return instant && { ms: instant.ms, text: instant.text.replace("Z", `${micros}Z`) };
    }
    case "utc": {
      const hasZone = /[Zz]$|:.*[+-]\d\d:?\d\d$/.test(text);
      return instantOf(hasZone ? text : `${text}Z`);
    }
    case "dotnet": {
      // The zone only says how the sender would show it; the milliseconds are UTC.
      const [, ms] = /^\/Date\((0|-?[1-9]\d{0,14})(?:[+-]\d{4})?\)\/$/.exec(text) ?? [];
      return ms === undefined ? undefined : readTime(ms, "ms");
    }
  }
}

function beforeEpoch(text: string, unitMs: number): Instant | undefined {
  if (!/^-[1-9]\d{0,14}$/.test(text)) return undefined;
  const at = new Date(Number(text) * unitMs);
  const isWritable = !Number.isNaN(at.getTime()) && at.getUTCFullYear() >= 0;
  return isWritable ? { ms: at.getTime(), text: at.toISOString() } : undefined;
}

function instantOf(text: string): Instant | undefined {
  const { secondMs, fraction: digits } = readRfc3339(text) ?? {};
  if (secondMs === undefined || digits === undefined) return undefined;
  const iso = new Date(secondMs).toISOString();
  // A year outside 0000…9999 is written with a sign and six digits.
  if (iso.length !== 24) return undefined;
  const fraction = digits.slice(0, 9);
  return {
    ms: secondMs + Number(fraction.slice(0, 3).padEnd(3, "0")),
    text: `${iso.slice(0, 19)}${fraction === "" ? "" : `.${fraction}`}Z`,
  };
}
