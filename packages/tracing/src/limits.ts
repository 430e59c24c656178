/** Every limit of this package, in one place. */
export const LIMITS = {
  /** Characters of a `tracestate` that go on; W3C asks for 512 at least. A longer one is left out, and the trace goes on without it. */
  traceStateChars: 512,
  /** Links of a span. A job of many records names the first ones. */
  links: 128,
  /** How often a collector that takes no spans is told in the log. */
  faultEveryMs: 60_000,
} as const;
