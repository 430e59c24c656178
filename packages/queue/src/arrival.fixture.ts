import type { Arrival } from "@sluice/record";

let last = Date.UTC(2026, 0, 1) * 1000;

/** Arrivals of the tests, one after another: the later is the newer. */
export function nextArrival(): Arrival {
  last += 1;
  return { micros: last, session: 1 };
}
