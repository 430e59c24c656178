/** The limits of imports and exports. */
export const LIMITS = {
  /** Bulk jobs in flight. */
  jobsAtOnce: 4,
  /** How often one request, or one item, is sent before it counts as refused. */
  attempts: 10,
  /** The first wait after a failure; it doubles up to the last. */
  firstWaitMs: 500,
  lastWaitMs: 30_000,
  /** The time between two questions after a job. */
  jobLookAgainMs: 500,
  requestMs: 60_000,
  journalEveryMs: 500,
} as const;
