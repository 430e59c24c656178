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
  /** A plan of a backfill: rows looked up at once, records shown as examples with so many characters of a value, and rejected rows named. */
  plannedAtOnce: 64,
  plannedSamples: 20,
  plannedCharacters: 300,
  plannedRejects: 10,
  /** Rows, and characters of them, that are handed over at a time. */
  backfillRows: 128,
  backfillCharacters: 256 * 1024,
} as const;
