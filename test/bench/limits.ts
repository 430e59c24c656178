/** Requests that the load generator keeps in flight. */
export const CONNECTIONS = 64;

/** Calls to the destination in flight, for the service by hand and for Sluice alike. */
export const DESTINATION_CONCURRENCY = 8;

/** Sent, and drained, before anything is measured: the servers run compiled code when the clock starts. */
export const WARM_UP_EVENTS = 1000;

/** Whatever takes longer than this ends the benchmark with an error. */
export const LOAD_DEADLINE_MS = 180_000;
export const DRAIN_DEADLINE_MS = 120_000;
export const CHILD_START_DEADLINE_MS = 20_000;
export const CHILD_STOP_DEADLINE_MS = 10_000;
export const REWRITE_DEADLINE_MS = 20_000;

/** Webhooks that each contestant is sent one after the other when all is idle. */
export const IDLE_EVENTS = 300;

/** Events of a steady stream, to each of its destinations, and how fast they come. */
export const STEADY_EVENTS = 800;
export const STEADY_PER_SECOND = 100;

/** A backlog for a destination with a small quota. */
export const QUOTA_EVENTS = 100_000;
export const QUOTA_RECORDS = 5000;
