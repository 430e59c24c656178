/** A worker owns a claimed record for this many of the destination's timeouts: 60 s where that is 20 s. */
export const LEASE_TIMEOUTS = 3;

/** No request starts on a lease that has fewer timeouts than this left: its answer could come after the lease. */
export const MIN_LEASE_LEFT_TIMEOUTS = 1.25;

/** The breaker opens when at least half of at least this many calls failed within the window. */
export const BREAKER_VOLUME = 10;
export const BREAKER_ERROR_PERCENT = 50;
export const BREAKER_WINDOW_MS = 10_000;

/** How long an open breaker stays open before one call tries. */
export const BREAKER_RESET_MS = 5000;

/** How long the one worker that exports the fleet's numbers may be silent before another does. */
export const EXPORTER_TERM_MS = 30_000;

/** Where the breaker of this process refuses though no hold stands (half-open, its probe under way): look again after this. */
export const BREAKER_LOOK_AGAIN_MS = 1000;

/** Records claimed for each request that may be in flight: while one is sent, others are claimed and settled. */
export const CLAIMS_PER_REQUEST = 4;

/** A process that fetches the fleet's access token is taken for dead after this many of the destination's timeouts. */
export const TOKEN_LOCK_TIMEOUTS = 1.25;
