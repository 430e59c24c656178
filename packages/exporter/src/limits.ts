/** Unknown types of a source that have a series of their own at /metrics; those above share one. */
export const MAX_SHOWN_TYPES = 20;

/** How old the numbers of lanes may be that no living worker serves: to count their records takes a walk through all keys. */
export const UNSERVED_SHOWN_MS = 10_000;
