import type { Arrival } from "@sluice/record";
import { ARRIVALS_KNOWN_FOR_MS } from "../limits.ts";

/**
 * The hybrid clock of a door: Redis' clock as far as it is known here, and never back. Each microsecond is given once. A clock
 * that jumps, a failover to an older state or the arrivals of other doors are no obstacle: the highest arrival that was given
 * or seen counts.
 */
export type ArrivalClock = {
  /** The first of so many in a row; null: Redis' clock is not known (yet, or any more). */
  give(count: number): Arrival | null;
  /**
   * Whether Redis was asked for the highest arrival of all doors so shortly ago that nothing which another door acknowledged can have
   * brought a later event here yet. Else it is asked again before an arrival is given: its clock may have been set forward.
   */
  readonly isFresh: boolean;
  /** Takes the answer of Redis to `begin`, which was asked then: its clock (µs), the highest arrival of all doors, this door's number. */
  set(redisMicros: number, highest: number, session: number, askedAtMs: number): void;
  /** Takes the highest arrival of all doors and Redis' clock (µs) from another answer. */
  see(highest: number, redisMicros: number, askedAtMs: number): void;
  /** The connection is gone: no arrival is given until Redis was asked again. */
  forget(): void;
  /** The door's number; 0: the door has none yet. */
  readonly session: number;
};

/** The most by which clocks drift apart, 100 millionths: a bound that was good is worth less with time. */
const DRIFT_MICROS_PER_MS = 0.1;

/** @param steadyMs a clock that never jumps */
export function createArrivalClock(steadyMs: () => number): ArrivalClock {
  let offsetMicros: number | null = null;
  let boundAtMs = 0;
  let freshAtMs = -Infinity;
  let highest = 0;
  let session = 0;
  const steady = (): number => Math.round(steadyMs() * 1000);
  return {
    give(count) {
      if (offsetMicros === null) return null;
      const micros = Math.max(Math.floor(steady() + offsetMicros), highest + 1);
      highest = micros + count - 1;
      return { micros, session };
    },
    get isFresh() {
      return offsetMicros !== null && steadyMs() - freshAtMs <= ARRIVALS_KNOWN_FOR_MS;
    },
    set(redisMicros, seen, number, askedAtMs) {
      freshAtMs = askedAtMs;
      boundAtMs = steadyMs();
      offsetMicros = redisMicros - steady();
      highest = Math.max(highest, seen);
      session = number;
    },
    see(seen, redisMicros, askedAtMs) {
      highest = Math.max(highest, seen);
      freshAtMs = Math.max(freshAtMs, askedAtMs);
      if (offsetMicros === null) return;
      // Redis read its clock before it was heard, so each answer bounds the estimate from below: the quickest one is the
      // best. Two doors must not differ by more than it takes a sender to hear the one and to send to the other.
      const sinceMs = steadyMs() - boundAtMs;
      boundAtMs += sinceMs;
      offsetMicros = Math.max(offsetMicros - sinceMs * DRIFT_MICROS_PER_MS, redisMicros - steady());
    },
    forget() {
      offsetMicros = null;
    },
    get session() {
      return session;
    },
  };
}
