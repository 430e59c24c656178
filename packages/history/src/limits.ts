/** A limit on everything that the history keeps, holds and looks at. */
export const LIMITS = {
  /** Text that waits for Postgres, in characters; what comes in above it is left out, and counted. */
  waitingCharacters: 32 * 1024 * 1024,
  /** A segment is closed with so many lines, characters or names in it, or when it is so old. */
  segmentLines: 512,
  segmentCharacters: 512 * 1024,
  segmentNames: 2_500,
  segmentMs: 1_000,
  /** So much more than a segment's characters is still packed at once: its last line may go above. */
  packHereCharacters: 64 * 1024,
  /** Segments that are written with one transaction. */
  segmentsAtOnce: 8,
  /** Webhooks that are mapped once more at a time, for `redact`. */
  redactingAtOnce: 1_000,
  /** A webhook's body, and a request or an answer of a destination, beyond which the rest is cut off. */
  bodyCharacters: 1024 * 1024,
  exchangeCharacters: 16 * 1024,
  messageCharacters: 2_000,
  /** After a failed write: the first pause and the longest. */
  firstPauseMs: 250,
  longestPauseMs: 10_000,
  /** A write that takes longer counts as failed: it is tried again, and reading counts lines that stand there twice once. */
  writeDeadlineMs: 30_000,
  /** How long a stop waits for lines that are not yet written. */
  closeDeadlineMs: 5_000,
  /** A worker says so often that it lives; after such a silence a gap is noted for it. */
  beatMs: 10_000,
  silentMs: 60_000,
  /** How often small segments are joined and old days dropped. */
  keepEveryMs: 60_000,
  /** Segments with fewer lines are joined, so many at a time, once they are so old and so many. */
  joinBelowLines: 128,
  joinAtOnce: 64,
  joinFrom: 8,
  joinAfterMs: 120_000,
  /** Bits for each name in a segment's filter, and how many of them a name sets: one in 1,500 segments is opened for nothing. */
  filterBitsPerName: 16,
  filterBitsSet: 7,
  filterBytes: 6_000,
  /** Segments that all processes together may be about to write: numbers are given before they are seen. */
  writtenAtOnce: 1_000,
  /** Segments that one look at the filters lists. */
  listedAtOnce: 256,
  /** Segments that are opened at once. */
  openAtOnce: 8,
  /** Keys of records that one statement asks for. */
  keysAtOnce: 40,
  /** A search takes so long before it says how far it came. */
  searchMs: 400,
  /** A trace may take longer than a page of a search: somebody waits for this one answer. */
  traceMs: 2_000,
  pageRows: 200,
  /** Webhooks of overlapping segments that are put in order at once; each is held whole. */
  overlappingLines: 20_000,
  /** Lines about one record that its trace is told from. */
  traceLines: 2_000,
  gaps: 100,
  /** Dead letters that are read or rewritten together, and causes whose letters are told. */
  lettersAtOnce: 200,
  letterGroups: 1_000,
  /** Confirmed records are sorted out once there are so many times more than are kept; and the text of values that is held at once. */
  confirmedSlack: 2,
  confirmedCharacters: 32 * 1024 * 1024,
} as const;
