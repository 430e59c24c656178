/** The limits of the door. Those of reading a webhook stand in packages/event. */
export const LIMITS = {
  /** What is read of a body whose request shows no credential at all. Handshakes are far smaller. */
  strangerBodyBytes: 64 * 1024,
  /** Of all large bodies that a process holds at once, for what each has beyond the size above. */
  largeBodiesBytes: 128 * 1024 * 1024,

  /** The longest that a caller can wait for what becomes of its events. */
  waitMs: 10_000,

  /** From the start of a process: how long a secret is awaited that the sender hands over. */
  handoverMs: 3_600_000,
  /** How long a source is taken to have no secret yet, before the fleet's cupboard is looked into again. */
  handoverLookMs: 1_000,
  /** Longer than Redis takes for one command. */
  handoverLockMs: 5_000,
  /** Until it is handed over anew: a webhook may live for years. */
  handedSecretKeepMs: 10 * 365 * 86_400_000,

  /** One attempt to fetch published keys. Nobody waits for it. */
  keyFetchMs: 1_500,
  /** A set of keys has a few kilobytes. */
  keyBytes: 64 * 1024,
  /** Keys older than this are fetched again, and serve until that is done. */
  keyFreshMs: 600_000,
  /** Keys older than this are not used. */
  keyKeepMs: 86_400_000,
  /** After a failure. */
  keyFetchAgainMs: 5_000,
  /** URLs whose keys are kept: the oldest go first. */
  keptKeys: 64,
  keyFetchesAtOnce: 4,
  /** To open a URL with which a sender validates this door. */
  visitMs: 5_000,
  visitsAtOnce: 4,
  /** What a sender is told while keys are being fetched. */
  keyRetryAfterSeconds: 5,
} as const;
