/** Changes, their fields, and the bytes of their arguments in one run of the merge script: Redis is busy for 5 ms at most. */
export const MAX_MERGE_CHANGES = 64;
export const MAX_MERGE_FIELDS = 400;
export const MAX_MERGE_BYTES = 512 * 1024;

/** Changes of one lane that a process merges at the same time, in scripts of the size above. */
export const MAX_MERGED_AT_ONCE = 1024;

/** The dedupe window of the release before, unless its configuration said another. */
export const OLD_DEDUPE_WINDOW_MS = 86_400_000;

/** How long Redis may take to confirm an admission before the sender is told to come back. */
export const ADMIT_TIMEOUT_MS = 5000;

/** How long the disk or the replicas that `ack` names may take, within that. */
export const ACK_TIMEOUT_MS = 4000;

/** How often the door looks how much memory Redis uses. */
export const SERVER_LOOK_EVERY_MS = 1000;

/** When a sender should come back while Redis is above its budget: that takes longer to pass than a restart. */
export const PRESSED_RETRY_AFTER_S = 30;

/** Records in one claim: a bound on how long Redis is busy. */
export const MAX_CLAIMED = 200;

/** Claims that are settled, or given back, in one script, for the same reason. */
export const MAX_SETTLED = 100;

/** A job whose worker says nothing of it for so long leaves its place to another one. */
export const JOB_PLACE_MS = 60_000;

/** How often a held process asks again, so that it notices within a second when the hold is over. */
export const GATE_LOOK_AGAIN_MS = 500;

/** The largest dead letter kept; longer texts in it are cut. */
export const MAX_DEAD_LETTER_BYTES = 64 * 1024;

/** How often those that wait for what another process makes for a cupboard look whether it is there. */
export const CUPBOARD_LOOK_AGAIN_MS = 50;

/** Records that the audit recounts in one script, and how often it starts again when traffic ran meanwhile. */
export const AUDIT_PAGE = 500;
export const AUDIT_TRIES = 5;

/** Dead letters read in one round trip. */
export const DEAD_LETTER_PAGE = 100;
