/** Changes in one run of the admit script, and the bytes of their arguments: a bound on how long Redis is busy. */
export const MAX_GROUP_CHANGES = 128;
export const MAX_GROUP_BYTES = 512 * 1024;

/** Changes of one lane that wait in this process to be admitted; more are refused with a 503. */
export const MAX_WAITING_CHANGES = 20_000;

/** How long Redis may take to confirm an admission before the sender is told to come back. */
export const ADMIT_TIMEOUT_MS = 5000;

/** How long the disk or the replicas that `ack` names may take, within that. */
export const ACK_TIMEOUT_MS = 4000;

/** Where a confirmation is waited for, so many groups share one: a disk that is synced each second takes 4,096 changes then. */
export const GROUPS_PER_CONFIRMATION = 32;

/** How often the door looks how much memory Redis uses. */
export const SERVER_LOOK_EVERY_MS = 1000;

/** When a sender should come back while Redis is above its budget: that takes longer to pass than a restart. */
export const PRESSED_RETRY_AFTER_S = 30;

/** Journal entries that a lane keeps, about. */
export const JOURNAL_LENGTH = 10_000;

/** Records in one claim: a bound on how long Redis is busy. */
export const MAX_CLAIMED = 200;

/** Claims that are settled, or given back, in one script, for the same reason. */
export const MAX_SETTLED = 100;

/** A job whose worker says nothing of it for so long leaves its place to another one. */
export const JOB_PLACE_MS = 60_000;

/** How often a held process asks again, so that it notices within a second when the hold is over. */
export const GATE_LOOK_AGAIN_MS = 500;

/** How long after an admission the doorbell rings, once for all that came in by then. */
export const RING_AFTER_MS = 10;

/** A busy worker answers doorbells no more often than this; it looks by itself what is due. */
export const DOORBELL_PAUSE_MS = 20;

/** A doorbell whose worker died is rung again after about this. */
export const DOORBELL_LOCK_MS = 5000;

/** The largest dead letter kept; longer texts in it are cut. */
export const MAX_DEAD_LETTER_BYTES = 64 * 1024;

/** How often those that wait for what another process makes for a cupboard look whether it is there. */
export const CUPBOARD_LOOK_AGAIN_MS = 50;

/** Records that the audit recounts in one script, and how often it starts again when traffic ran meanwhile. */
export const AUDIT_PAGE = 500;
export const AUDIT_TRIES = 5;

/** Dead letters read in one round trip. */
export const DEAD_LETTER_PAGE = 100;

/** How long closing waits for doorbells that are being rung, before the connections are cut. */
export const CLOSE_MS = 2000;
