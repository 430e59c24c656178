/** Every limit of this package, in one place. */
export const LIMITS = {
  /** How long a client may take to send its headers, and its whole request. */
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  /** A kept connection lives longer than the idle time of the usual load balancers (60 s), so that they close first and no request meets a closing socket. */
  keepAliveTimeoutMs: 65_000,
  /** How often both timeouts are checked: Node's own 30 s would let a client take four times as long. */
  connectionLookMs: 1_000,
  /** A readiness check that takes longer counts as failed. */
  readinessDeadlineMs: 2_000,

  /** Connections to an external Postgres per process. */
  databaseConnections: 10,
  databaseConnectDeadlineMs: 10_000,
  /** A statement's time; none of ours should come near this. */
  databaseStatementTimeoutMs: 60_000,

  /** An external Redis that does not answer within this time at start is an error. */
  redisConnectDeadlineMs: 10_000,
  /** A server of a cluster that does not answer within this time is passed over: another one has its keys, or will. */
  redisNodeAnswerDeadlineMs: 1_000,
  /** A private Redis may have a long append-only file to load. */
  redisLoadDeadlineMs: 120_000,
  redisStopDeadlineMs: 10_000,
  /** How long a private Redis that died by itself is left down before it is started again. */
  redisRestartDelayMs: 500,
  /** Free ports that are tried, should another program be quicker to take one. */
  redisPortAttempts: 5,
  redisAnswerDeadlineMs: 5_000,
  redisAskAgainMs: 20,
  /** How long a rewrite of its file may take that a backup waits for, and how long the private Redis writes nothing for one at most. */
  redisRewriteDeadlineMs: 120_000,
  redisPauseMs: 120_000,
  programAnswerDeadlineMs: 10_000,
  dockerAnswerDeadlineMs: 5_000,
  dockerRunDeadlineMs: 30_000,
  dockerPullDeadlineMs: 300_000,
  installDeadlineMs: 300_000,

  /** The holder of a data directory touches its lock so often; a holder in another container that does not for so long is dead. */
  lockBeatMs: 1_000,
  lockSilentMs: 8_000,
  lockLookMs: 250,

  /** Bytes of a file that `${file:…}` may read. */
  secretFileBytes: 64 * 1024,
  configurationFileBytes: 4 * 1024 * 1024,
  /** How often the configuration's files are looked at for a change. */
  configurationLookMs: 1_000,

  /** The time from SIGTERM to exit, when no other was asked for. */
  shutdownDeadlineMs: 20_000,
  /** The longest `drain_delay`: whoever stops a process waits for it. */
  longestDrainMs: 600_000,
  /** The time that every part gets to end, even when the deadline has passed. */
  shutdownLeastMs: 2_000,
  /** A key press reaches Sluice up to three times: by the terminal, by npm and by the bootstrap. Signals within this time are one. */
  sameSignalMs: 500,
} as const;
