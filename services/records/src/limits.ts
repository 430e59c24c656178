/** Limits of the service itself; those of the contract are in @sluice/zendesk. */
export const LIMITS = {
  /** The size of the stamps' header once it is inflated: a hundred items, each with some fields of their own stamps. */
  stampsBytes: 512 * 1024,
  /** A record is at most 32 KB; escapes can make its JSON several times as long on the wire. */
  requestBodyBytes: 1024 * 1024,
  tokenRequestBytes: 16 * 1024,
  /** Characters of a Prefer header that are read. */
  preferCharacters: 1_000,
  /** A request to a stand-in's controls. */
  controlBytes: 64 * 1024,
  /** A job has at most a hundred records. */
  jobBodyBytes: 16 * 1024 * 1024,
  /** Nothing in the contract nests deeper than a handful. */
  jsonDepth: 64,
  /** The comparisons in a filter, and the values that one comparison names. */
  filterComparisons: 100,
  filterChoices: 100,
  /** Records that are looked at to know whether few are in a range; the index of ranges is asked if fewer than these of them are. */
  walkedRecords: 2_000,
  fewOfWalked: 20,
  /** How often a request starts again because a definition changed or two writers met, before it answers 409. */
  writeAttempts: 4,
  /** Records that come together while a statement runs go into the next one; more than this into the one after. */
  recordsPerStatement: 200,
  /** Once so many records wait, so many statements more may run beside the first, for other keys. */
  statementsBeside: { groups: 3, atWaiting: 24 },
  /** A live job that is not heard of for so long has lost its process. */
  jobLeaseMs: 15_000,
  /** Finished jobs that can be asked for, beside the contract's hour. */
  jobsKept: 10_000,
  jobsBetweenForgetting: 100,
  /** Above this an estimate of the number of records will do. */
  exactlyCountedRecords: 1_000_000,
  /** How long a count is believed while the store is full. */
  recordCountMaxAgeMs: 1_000,
  shutdownDeadlineMs: 10_000,
} as const;
