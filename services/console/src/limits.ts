/** A limit on everything that the operators' API takes and holds. */
export const LIMITS = {
  /** A body: a pasted webhook of a megabyte, written as JSON text. */
  bodyBytes: 3_000_000,
  /** How long the cookie that stands for a token is good. */
  sessionMs: 12 * 3_600_000,
  /** Tokens that may be wrong in a minute before signing in takes a pause. */
  wrongTokensPerMinute: 30,
  shutdownDeadlineMs: 5_000,
} as const;
