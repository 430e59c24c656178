import type { Json } from "@sluice/event";
import { MAX_INTEGER_VERSION } from "./limits.ts";

/**
 * A change's place in time by its sender: an RFC 3339 time, kept to the microsecond, or a
 * non-negative integer up to 2^63 − 1. The two kinds don't compare (docs/design.md §4.2).
 */
export type Version =
  | { readonly kind: "time"; readonly micros: bigint }
  | { readonly kind: "integer"; readonly value: bigint };

/**
 * Reads a version as a mapping yields it: a whole number, a string of digits, or an RFC 3339 time.
 * Never a guess: for any other value the answer is a sentence that says why it can't be read.
 */
export function readVersion(value: Json | undefined): Version | { readonly fault: string } {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && value >= 0
      ? { kind: "integer", value: BigInt(value) }
      : { fault: `${value} is not a whole number from 0 to 2^53 − 1; send larger ones as strings` };
  }
  if (typeof value !== "string") {
    const seen = value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60);
    return { fault: `expected an RFC 3339 time or a whole number, got ${seen}` };
  }
  if (/^[0-9]{1,19}$/.test(value)) {
    const integer = BigInt(value);
    return integer <= MAX_INTEGER_VERSION
      ? { kind: "integer", value: integer }
      : { fault: `${value} is larger than 2^63 − 1` };
  }
  const micros = readTime(value);
  return micros === null
    ? { fault: `"${value.slice(0, 60)}" is neither an RFC 3339 time with its zone nor a whole number` }
    : { kind: "time", micros };
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)$/;

/** Microseconds since 1970, or null. Digits beyond the microsecond are cut off, not rounded. */
function readTime(text: string): bigint | null {
  if (!RFC_3339.test(text)) return null;
  // Salesforce's API and Jira write zones as `+0000`.
  return readWithColon(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
}

function readWithColon(text: string): bigint | null {
  const digits = (from: number, to: number): number => Number(text.slice(from, to));
  const [month, day] = [digits(5, 7), digits(8, 10)];
  const [hour, minute, second] = [digits(11, 13), digits(14, 16), digits(17, 19)];
  const zoneAt = /[Zz]$/.test(text) ? text.length - 1 : text.length - 6;
  const zoneHour = digits(zoneAt + 1, zoneAt + 3);
  const zoneMinute = digits(zoneAt + 4, zoneAt + 6);
  if (hour > 23 || minute > 59 || second > 60 || zoneHour > 23 || zoneMinute > 59) return null;
  // The calendar repeats every 400 years, and `Date.UTC` takes the first hundred for the twentieth century.
  const minuteOfSender = Date.UTC(digits(0, 4) + 400, month - 1, day, hour, minute) - MS_OF_400_YEARS;
  // The 30th of February would roll over into March in silence.
  const read = new Date(minuteOfSender);
  if (read.getUTCMonth() !== month - 1 || read.getUTCDate() !== day) return null;
  const zoneMs = (zoneHour * 60 + zoneMinute) * 60_000 * (text[zoneAt] === "-" ? -1 : 1);
  const minuteMs = minuteOfSender - zoneMs;
  if (second === 60 && !canLeap(minuteMs)) return null;
  // A leap second is the first second of the next minute, as clocks that don't know it have it.
  const fraction = Number(text.slice(20, zoneAt).slice(0, 6).padEnd(6, "0"));
  return BigInt(minuteMs + second * 1000) * 1000n + BigInt(fraction);
}

const MS_OF_400_YEARS = 146_097 * 86_400_000;

/** Whether the minute may have a leap second. Those are put in at the end of a month, by UTC: any other time that ends in :60 is none. */
function canLeap(minuteMs: number): boolean {
  const next = new Date(minuteMs + 60_000);
  return next.getUTCDate() === 1 && next.getUTCHours() === 0 && next.getUTCMinutes() === 0;
}
