import { readRfc3339, type Json, type Rfc3339Time } from "@sluice/event";
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
  const time = readRfc3339(value);
  return time === undefined
    ? { fault: `"${value.slice(0, 60)}" is neither an RFC 3339 time with its zone nor a whole number` }
    : { kind: "time", micros: microsOf(time) };
}

/** Microseconds since 1970. Digits beyond the microsecond are cut off, not rounded. */
function microsOf({ secondMs, fraction }: Rfc3339Time): bigint {
  return BigInt(secondMs) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, "0"));
}
