/** Limits of the service itself; those of the contract are in @sluice/zendesk. */
export const LIMITS = {
  /** A record is at most 32 KB; escapes can make its JSON several times as long on the wire. */
  requestBodyBytes: 1024 * 1024,
  tokenRequestBytes: 16 * 1024,
  /** Of a request to a stand-in's controls. */
  controlBytes: 64 * 1024,
  /** Nothing in the contract nests deeper than a handful. */
  jsonDepth: 64,
  /** How often a request starts again because a definition changed or two writers met, before it answers 409. */
  writeAttempts: 4,
  /** Above this an estimate of the number of records will do. */
  exactlyCountedRecords: 1_000_000,
  /** While the store is full, how long a count is believed. */
  recordCountMaxAgeMs: 1_000,
  shutdownDeadlineMs: 10_000,
} as const;
