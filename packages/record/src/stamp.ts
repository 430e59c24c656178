import type { Arrival } from "./arrival.ts";
import type { Version } from "./version.ts";

/**
 * A change's place in the order of all changes of a record: its version, then the rank of its source in the configuration, then
 * its tail: the event's own finer time, its arrival, its run. A total order: two changes of one record never tie, since
 * arrivals are unique.
 */
export type Stamp = { readonly version: bigint; readonly rank: number; readonly tail: string };

/** A stamp that a write ended with. `isShown` false: the destination had something newer, and shows that. */
export type ConfirmedStamp = { readonly stamp: Stamp; readonly isShown: boolean };

/** A change's place among those of one version and rank. */
export type Tie = {
  /** The event's own time, in microseconds since 1970, where the sender says it more finely than the version; null is lowest. */
  readonly finerMicros: bigint | null;
  readonly arrival: Arrival;
  /** 0, or the number of a replay. A replayed change is newer than the one it repeats, older than every newer event. */
  readonly run: number;
};

/** @param version null: the mapping names no version, and the arrival decides */
export function stampOf(version: Version | null, rank: number, tie: Tie): Stamp {
  return { version: versionOf(version, tie.arrival), rank, tail: tailOf(tie) };
}

function versionOf(version: Version | null, { micros }: Arrival): bigint {
  if (version === null) return BigInt(micros);
  return version.kind === "time" ? version.micros : version.value;
}

/** Negative, zero or positive, as `a` is older than, equal to or newer than `b`. */
export function compareStamps(a: Stamp, b: Stamp): number {
  if (a.version !== b.version) return a.version < b.version ? -1 : 1;
  if (a.rank !== b.rank) return a.rank - b.rank;
  return Buffer.compare(Buffer.from(a.tail), Buffer.from(b.tail));
}

/** Whether arrival alone decides between two stamps: neither the version, nor the sources' ranks, nor a finer time does. */
export function isTie(a: Stamp, b: Stamp): boolean {
  const alike = a.version === b.version && a.rank === b.rank && a.tail !== b.tail;
  return alike && beforeArrival(a.tail) === beforeArrival(b.tail);
}

/**
 * The stamp as bytes whose plain byte order is the stamps' order, so that Redis compares without
 * understanding: 8 bytes of version (offset by 2^63, for times before 1970), 2 of rank, the tail.
 */
export function encodeStamp(stamp: Stamp): Buffer {
  const bytes = Buffer.allocUnsafe(10 + Buffer.byteLength(stamp.tail));
  bytes.writeBigUInt64BE(BigInt.asUintN(64, stamp.version + VERSION_OFFSET), 0);
  bytes.writeUInt16BE(stamp.rank, 8);
  bytes.write(stamp.tail, 10);
  return bytes;
}

export function decodeStamp(bytes: Buffer): Stamp {
  return {
    version: bytes.readBigUInt64BE(0) - VERSION_OFFSET,
    rank: bytes.readUInt16BE(8),
    tail: bytes.toString("utf8", 10),
  };
}

const VERSION_OFFSET = 2n ** 63n;

/**
 * The tail is printable and ordered by its bytes: the release before kept an event's id in this place, as text, and carries a
 * tail unharmed. `|` and `}` stand above every letter and digit, so a change that came in since is newer than such an id.
 */
const WITHOUT_FINER = "|";
const WITH_FINER = "}";
const MICROS_DIGITS = 9;
const SESSION_DIGITS = 3;
const RUN_DIGITS = 4;

function tailOf({ finerMicros, arrival, run }: Tie): string {
  const finer = finerMicros === null ? WITHOUT_FINER : WITH_FINER + digits(clamped(finerMicros), MICROS_DIGITS);
  const came = digits(arrival.micros, MICROS_DIGITS) + digits(arrival.session, SESSION_DIGITS);
  return finer + came + runDigits(run);
}

/** The part of a tail that stands before its arrival. */
function beforeArrival(tail: string): string {
  return tail.slice(0, tail.startsWith(WITH_FINER) ? 1 + MICROS_DIGITS : 1);
}

/** The arrival in a stamp's tail; null: the release before made the tail. */
export function arrivalOf({ tail }: Stamp): Arrival | null {
  if (!tail.startsWith(WITHOUT_FINER) && !tail.startsWith(WITH_FINER)) return null;
  const at = beforeArrival(tail).length;
  if (tail.length < at + MICROS_DIGITS + SESSION_DIGITS) return null;
  const sessionAt = at + MICROS_DIGITS;
  return {
    micros: valueOf(tail.slice(at, sessionAt)),
    session: valueOf(tail.slice(sessionAt, sessionAt + SESSION_DIGITS)),
  };
}

/** The parts of a stamp's tail; null: the release before made the tail. */
export function tieOf(stamp: Stamp): Tie | null {
  const arrival = arrivalOf(stamp);
  if (arrival === null) return null;
  const { tail } = stamp;
  const before = beforeArrival(tail);
  const finerMicros = before.length === 1 ? null : BigInt(valueOf(before.slice(1)));
  return { finerMicros, arrival, run: valueOf(tail.slice(before.length + MICROS_DIGITS + SESSION_DIGITS)) };
}

/** The stamp of a replayed change: just newer than the change's own stamp, and older than every event that is newer. */
export function rerun(stamp: Stamp, run: number): Stamp {
  const arrival = arrivalOf(stamp);
  if (arrival === null) return { ...stamp, tail: `${stamp.tail}~${runDigits(run)}` };
  const end = beforeArrival(stamp.tail).length + MICROS_DIGITS + SESSION_DIGITS;
  return { ...stamp, tail: stamp.tail.slice(0, end) + runDigits(run) };
}

/** A run as it stands at the end of a tail: empty for the first. */
export function runDigits(run: number): string {
  return run === 0 ? "" : digits(run, RUN_DIGITS);
}

/** Sixty-four digits whose bytes stand in the order of their values. */
const DIGITS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));

/** The lowest `count` digits of a whole number, the highest first. */
function digits(value: number, count: number): string {
  let text = "";
  let left = value;
  for (let at = 0; at < count; at += 1) {
    text = DIGITS[left % 64]! + text;
    left = Math.floor(left / 64);
  }
  return text;
}

function valueOf(text: string): number {
  let value = 0;
  for (const digit of text) value = value * 64 + (VALUES.get(digit) ?? 0);
  return value;
}

/** A time before 1970, or after 2255, orders as the first or last that nine digits hold. */
function clamped(micros: bigint): number {
  if (micros < 0n) return 0;
  return micros > LAST_MICROS ? Number(LAST_MICROS) : Number(micros);
}

const LAST_MICROS = BigInt(Number.MAX_SAFE_INTEGER);
