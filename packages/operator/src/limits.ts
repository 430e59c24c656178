/** The limits of work on the past. */
export const LIMITS = {
  /** Records of the past that may be due at a destination: as many as it takes in this time, and never more than so many. */
  pastAheadMs: 500,
  pastRecordsDue: 500,
  /** How often one looks for room. */
  roomLookAgainMs: 25,
  /** Records that a reconcile holds at a time: each stretch of so many is one walk through the history. */
  stretchRecords: 50_000,
  /** Records whose state is asked for together. */
  shownAtOnce: 100,
  /** Records that are looked at once more in the end: they were on their way, or were repaired; and how long the repaired ones are waited for. */
  lookedAtAgain: 10_000,
  repairSettlesMs: 60_000,
  /** The history is hardly ever further behind. */
  historyBehindMs: 60_000,
  /** Requests that nobody waits for: their part of the quota, and how many records may be due before them: half of a backfill's. */
  quietShare: 0.25,
  quietAheadMs: 250,
  quietRecordsDue: 250,
  quietLookAgainMs: 100,
  /** Tries of such a request in a row, and the pause after the first, which doubles. */
  quietTries: 5,
  quietRetryMs: 500,
  /** A request that holds a pass is taken for lost after this many of the destination's timeouts. */
  passTimeouts: 1.5,
  /** The hold for a used-up quota whose answer names no time. */
  slowHoldMs: 30_000,
  /** Clocks of destinations and workers are no further apart, as a rule; around a time of which nothing is known, so much more counts. */
  clocksApartMs: 2_000,
  blindMarginMs: 60_000,
  /** Findings that a report shows, how many characters they take together, the fields of each, and the characters of a value there. */
  findings: 500,
  findingsCharacters: 200_000,
  findingFields: 20,
  findingCharacters: 300,
  /** Characters of the names of letters in an entry of the audit log, which has 4,000 in all, and events of one letter there. */
  namedCharacters: 2_500,
  namedEvents: 5,
} as const;
