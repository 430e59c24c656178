/** Lines of a segment. */
export const LINES = 512;
/** The event that is searched for. */
export const NEEDLE = 234_567;

export function eventIdOf(event: number): string {
  return `${(event * 2_654_435_761).toString(16)}-event`;
}

/** Ten events for each record. */
export function keyOf(event: number): string {
  return String(100_000 + Math.floor(event / 10) * 7);
}
