/**
 * When a webhook came in, by the hybrid clock of its door. `micros` are microseconds since 1970 by the door's estimate of
 * Redis' clock; a door gives each of them once and never goes back. `session` is the door's number in its fleet, so that no two
 * arrivals are equal. Both numbers are written down with the webhook and never made twice.
 */
export type Arrival = { readonly micros: number; readonly session: number };

/** Milliseconds since 1970. */
export function arrivedAtMs({ micros }: Arrival): number {
  return Math.floor(micros / 1000);
}
