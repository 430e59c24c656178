/** A worker owns a claimed record for this many of the destination's timeouts, 60 s where that is 20 s; never less than the next. */
export const LEASE_TIMEOUTS = 3;
export const SHORTEST_LEASE_MS = 30_000;

/** Where a destination checks no token a lease is `settle_after_silence`, and never less than so many of its timeouts. */
export const SETTLE_TIMEOUTS = 1.5;

/** So many flights of a record in a row that nobody ended make it a dead letter: the record may be what ends its workers. */
export const LOST_FLIGHTS = 10;

/** No request starts on a lease that has fewer timeouts than this left: its answer could come after the lease. */
export const MIN_LEASE_LEFT_TIMEOUTS = 1.25;

/**
 * A destination is unwell, too, when nothing but failures came of it for as long as the window, counted from when the first of
 * those requests set out, or for so many of its timeouts where that is shorter. However few they are.
 */
export const FAILING_TIMEOUTS = 1.5;

/** The breaker opens when more than half of at least this many calls failed within the window. */
export const BREAKER_VOLUME = 10;
export const BREAKER_ERROR_PERCENT = 50;
export const BREAKER_WINDOW_MS = 10_000;

/** A result is told in no time; opossum wants a finite bound even for that. */
export const BREAKER_RESULT_TIMEOUT_MS = 1000;

/** A worker looks for due records by itself at least this often: wake-ups can be lost, and holds can end early. */
export const LOOK_AGAIN_MS = 1000;

/** Where other processes have all permits for requests, it is looked again after this. */
export const PERMIT_LOOK_MS = 50;

/** A request that holds a pass is taken for lost after this many of the destination's timeouts. */
export const PASS_TIMEOUTS = 1.5;

/** How long records are gathered for a fuller job where requests are scarce. */
export const GATHER_MS = 1000;

/** How often, at most, a process tells the fleet what the destination says of its quota. */
export const LEARN_EVERY_MS = 1000;

/** When a running job is first looked at, and the longest pause between two looks. */
export const JOB_FIRST_LOOK_MS = 1000;
export const JOB_LONGEST_LOOK_MS = 10_000;

/** Failed looks at a job before its records are read instead, and failed readings before they are written again. */
export const JOB_READS_AT_MOST = 5;

/** Pages of the list of jobs that are read for one whose id is not known: the fleet's own jobs of five minutes fit. */
export const UNKNOWN_JOB_PAGES = 10;

/** A job that runs longer than this is read back; one whose id is not known is waited for no longer. */
export const JOB_DEADLINE_MS = 10 * 60_000;

/** How long a worker tries to tell Redis how a flight ended; after that the end of its lease does. */
export const TELL_FOR_MS = 30_000;

/** How long a worker that stops may take to give back the records that it could not write. */
export const GIVE_BACK_MS = 3000;

/** Expressions give the event loop back after this: locks and leases are kept meanwhile. */
export const LONGEST_SLICE_MS = 20;

/** Work that lasted less than this is taken to have had the processor all the time. */
export const SHORT_MS = 1;

/** Evaluation time that one webhook may take, all its events together; a real event takes 0.3 ms. */
export const UNDERSTANDING_BUDGET_MS = 2000;

/** How often a worker looks whether records wait under a name that no worker's file has. */
export const UNSERVED_LOOK_MS = 10_000;
