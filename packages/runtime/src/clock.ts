/** The source of time. A decision that depends on time takes a clock, so that a test can hold it still. */
export type Clock = {
  /** Milliseconds since 1970. */
  nowMs(): number;
};

/** The machine's own clock; only `main.ts` and tests choose it. */
export const systemClock: Clock = { nowMs: () => Date.now() };
