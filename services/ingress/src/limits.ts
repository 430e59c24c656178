/** The limits of the door. The limits of reading a webhook stand in packages/event. */
export const LIMITS = {
  /** Bytes that are read of a body whose request shows no credential at all. Handshakes are far smaller. */
  strangerBodyBytes: 64 * 1024,
  /** All large bodies that a process holds at once, beyond the size above, which each may have anyway. */
  largeBodiesBytes: 128 * 1024 * 1024,

  /** The longest that a caller can wait for what becomes of its events. */
  waitMs: 10_000,

  /** How often the fleet is told how many requests were not authentic. */
  refusedToldEveryMs: 5_000,

  /** How often the fleet is told which secrets requests were made with. */
  secretsToldEveryMs: 5_000,

  /** How long a secret that the sender hands over is awaited, from the start of a process. */
  handoverMs: 3_600_000,
  /** How long a source is taken to have no secret yet, before the fleet is asked for it again. */
  handoverLookMs: 1_000,
  /** The lock lives longer than Redis takes for one command. */
  handoverLockMs: 5_000,
  /** A handed secret is kept until it is handed over anew: a webhook may live for years. */
  handedSecretKeepMs: 10 * 365 * 86_400_000,

  /** One attempt to fetch published keys. No request waits for it. */
  keyFetchMs: 1_500,
  /** A set of keys has a few kilobytes. */
  keyBytes: 64 * 1024,
  /** Keys older than this are fetched again, and serve until that is done. */
  keyFreshMs: 600_000,
  /** Keys older than this are not used. */
  keyKeepMs: 86_400_000,
  /** How long a failed fetch of keys is not tried again. */
  keyFetchAgainMs: 5_000,
  /** URLs whose keys are kept: the oldest go first. */
  keptKeys: 64,
  keyFetchesAtOnce: 4,
  /** The time to open a URL with which a sender validates this door. */
  visitMs: 5_000,
  visitsAtOnce: 4,
  /** The Retry-After of a sender while keys are being fetched. */
  keyRetryAfterSeconds: 5,
} as const;
