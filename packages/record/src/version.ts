/**
 * A change's place in time by its sender: an RFC 3339 time, kept to the microsecond, or a
 * non-negative integer up to 2^63 − 1. The two kinds don't compare (DESIGN §3).
 */
export type Version =
  | { readonly kind: "time"; readonly micros: bigint }
  | { readonly kind: "integer"; readonly value: bigint };
