/** A limit on everything that the operators' API takes and holds. */
export const LIMITS = {
  /** A body: a pasted webhook of a megabyte, written as JSON text. */
  bodyBytes: 3_000_000,
  /** How long the cookie that stands for a token is good. */
  sessionMs: 12 * 3_600_000,
  /** Tokens that may be wrong in a minute before signing in takes a pause. */
  wrongTokensPerMinute: 30,
  /** How often the fleet is looked at, for how long looks are remembered, and over which time a rate is told. */
  lookEveryMs: 1_000,
  latelyMs: 60_000,
  rateOverMs: 10_000,
  /** The points of a chart, and how far back they go. */
  pointEveryMs: 2_000,
  seriesMs: 3_600_000,
  /** Pages that listen at once, how long one connection lasts, and how often it is told that it lives. */
  streams: 100,
  streamMs: 3_600_000,
  streamCommentMs: 15_000,
  /** A page that reads so slowly is sent nothing until it has caught up. */
  streamBehindBytes: 1_000_000,
  /** How long a search takes before it says how far it came. */
  searchMs: 400,
  shutdownDeadlineMs: 5_000,
} as const;
