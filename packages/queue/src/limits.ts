/** Changes, the weight of their fields, and the bytes of their arguments in one run of the merge script: Redis is busy for 5 ms at most. */
export const MAX_MERGE_CHANGES = 64;
export const MAX_MERGE_WEIGHT = 400;
export const MAX_MERGE_BYTES = 512 * 1024;

/** Changes of one lane that a process merges at the same time, in scripts of the size above. */
export const MAX_MERGED_AT_ONCE = 1024;

/** The dedupe window of the release before, unless its configuration said another. */
export const OLD_DEDUPE_WINDOW_MS = 86_400_000;

/** How long Redis may take to confirm a webhook before the sender is told to come back. */
export const ADMIT_TIMEOUT_MS = 5000;

/** How long the disk or the replicas that `ack` names may take; it is part of ADMIT_TIMEOUT_MS. */
export const ACK_TIMEOUT_MS = 4000;

/** How often a server of a cluster that can't be reached is told, and how often a worker's command asks for the server of its key: for hours. */
export const NODE_TOLD_EVERY_MS = 5000;
export const WORKER_REDIRECTIONS = 100_000;

/** How often the door looks how much memory Redis uses. */
export const SERVER_LOOK_EVERY_MS = 1000;

/** When a sender should come back while Redis is above its budget: a full Redis takes longer to pass than a restart. */
export const PRESSED_RETRY_AFTER_S = 30;

/** Records in one claim: a bound on how long Redis is busy, beside that on their members in claims.lua. */
export const MAX_CLAIMED = 200;

/** Claims that are settled, or given back, in one script, for the same reason; and of those that are settled, the weight: each its own and that of its fields. */
export const MAX_SETTLED = 100;
export const MAX_SETTLED_WEIGHT = 2000;
export const SETTLED_WEIGHT = 16;

/** A job whose worker says nothing of it for so long leaves its permit to another one. */
export const JOB_PERMIT_MS = 60_000;

/** Permits for requests are kept so many times within the time after which they end. */
export const PERMITS_KEPT_EACH = 3;

/** How often a held process asks again, so that it notices within a second when the hold is over. */
export const GATE_LOOK_AGAIN_MS = 500;

/** The largest dead letter kept; longer texts in it are cut. */
export const MAX_DEAD_LETTER_BYTES = 64 * 1024;

/** How often processes that wait for another one to make a shared text look whether it is there. */
export const SHARED_TEXT_POLL_MS = 50;

/** Records that the audit recounts in one script, and how often it starts again when traffic ran meanwhile. */
export const AUDIT_PAGE = 500;
export const AUDIT_TRIES = 5;

/** Dead letters read in one round trip. */
export const DEAD_LETTER_PAGE = 100;

/** How long closing waits for the last commands to Redis, before the connections are cut. */
export const CLOSE_MS = 2000;

/** How long the answer of Redis to the highest arrival of all doors is good: no sender hears one door and reaches another sooner. */
export const ARRIVALS_KNOWN_FOR_MS = 10;

/** Webhooks and bytes in one job of the intake; an event weighs as many bytes as it costs to be understood, so a job has 1,000 at most. */
export const MAX_JOB_WEBHOOKS = 128;
export const MAX_JOB_GROUP_BYTES = 512 * 1024;
export const EVENT_WEIGHT_BYTES = 524;

/** Webhooks that may wait in this process to be written down; more are refused with a 503. */
export const MAX_WAITING_WEBHOOKS = 20_000;

/** A larger body goes through a queue of its own, one at a time in a worker. */
export const LARGE_BODY_BYTES = 1024 * 1024;

/** From the first size on a job's data is deflated; up to the second in this thread, since another one costs more than it spares. */
export const COMPRESS_FROM_BYTES = 1024;
export const COMPRESS_HERE_BYTES = 64 * 1024;

/** The largest size to which a job's data may unfold: that of the largest body that any scheme takes, written as JSON. */
export const MAX_JOB_BYTES = 256 * 1024 * 1024;

/** A trace's context in a webhook that was written down: `traceparent`, and up to 512 characters of `tracestate`. A longer one is not read. */
export const MAX_TRACE_CHARS = 600;

/** The part of Redis' budget that may wait to be understood: understanding makes up to ten times as much of it. */
export const INTAKE_SHARE = 1 / 8;

/** From this share of Redis' memory on nothing is understood: claims, settling and BullMQ's own scripts need the rest. */
export const UNDERSTANDING_SHARE = 0.9;

/** A job's data, which is deflated, becomes at most so many times as much when it is understood. */
export const UNDERSTANDING_GROWTH = 10;

/** The part of the room found by a look at Redis' memory for which a worker does not look again: there are others. */
export const ROOM_PER_LOOK = 1 / 8;

/** How often a job that finds no room looks again. */
export const ROOM_LOOK_AGAIN_MS = 250;

/** How long BullMQ's locks last, and how often it looks for locks that ended: a killed worker's jobs are taken over within the sum. */
export const JOB_LOCK_MS = 5000;
export const JOB_STALLED_EVERY_MS = 2000;

/** Jobs that a worker understands at once. */
export const LIVE_JOBS = 8;

/** A job that failed by a fault of ours, or of Redis, is tried again after this; without end. */
export const JOB_RETRY_MS = 1000;
export const JOB_ATTEMPTS = 1_000_000_000;

/** A job for a configuration that this worker does not have yet is put back for this long. */
export const PUT_BACK_MS = 2000;

/** Jobs that are read to tell whose webhooks wait. */
export const MAX_WAITING_JOBS_READ = 5000;

/** A source of which nothing was put back for so long is awaited no more: each job comes again after PUT_BACK_MS. */
export const AWAITED_FOR_MS = 10_000;

/** A job with webhooks of a source whose dead letters have no room is put back for this long. */
export const NO_ROOM_MS = 10_000;

/** How many unreadable jobs, whose sources nobody knows, are kept as dead letters. */
export const MAX_UNREADABLE_JOBS = 10_000;

/** The part of Redis' budget that dead letters may take, the fewest sources that it is divided among, and the budget where none is known. */
export const DEAD_LETTERS_SHARE = 1 / 4;
export const DEAD_LETTERS_SOURCES = 4;
export const DEAD_LETTERS_UNKNOWN_BUDGET_BYTES = 1024 * 1024 * 1024;

/** The number of workers dying at one place of a job that makes its webhook a dead letter. */
export const POISON_DEATHS = 3;

/** A worker's connection that two looks, this far apart, don't find is gone. */
export const SECOND_LOOK_MS = 1000;

/** How often a worker says that it lives, and after what silence it is not believed any more. */
export const BEAT_EVERY_MS = 2000;
export const BEAT_KEEP_MS = 10_000;

/** Configurations whose numbers are remembered. */
export const MAX_CONFIGURATIONS = 1000;

/** Senders that may wait at one door for the end of their webhooks. */
export const MAX_RESULT_WAITERS = 100;

/** Webhooks of the past in one job: a live one that comes in meanwhile waits for no more of them at a time. */
export const BACKFILL_JOB_WEBHOOKS = 16;

/** Jobs of a backfill that may wait at a time, and the part of Redis' budget from which on none is added. */
export const BACKFILL_JOBS = 8;
export const BACKFILL_SHARE = 3 / 4;

/** How often a backfill's job looks whether live jobs still wait. */
export const GIVE_WAY_MS = 50;

/** How often a process repeats its first write to Redis, such as a door's before it gives an arrival, until it succeeds. */
export const BEGIN_AGAIN_MS = 200;

/** Points of BullMQ's metrics that are kept: one a minute, for two hours. Their sum is the book of jobs. */
export const METRICS_POINTS = 120;

/** Where a disk or replicas are waited for, so many jobs share one confirmation: a disk that is synced each second takes 4,096 webhooks then. */
export const JOBS_PER_CONFIRMATION = 32;

/** Doubtful records that are remembered, whose destination may hold something else; the oldest are forgotten first. */
export const MAX_DOUBTFUL = 10_000;

/** Records in a page of the search for a dead worker's flights, and the most walks through all pages: the first that finds none is the last. */
export const TAKE_OVER_PAGE = 500;
export const TAKE_OVER_WALKS = 5;

/** Records that get their turn in one script, when shares are set. */
export const SHARE_PAGE = 500;

/** How often a worker looks for others that died, and after what silence it asks whether one did. */
export const DEATH_LOOK_EVERY_MS = 1000;
export const SILENT_MS = 4000;

/** Keys that are looked at in one step of a walk through all of Redis. */
export const FOUND_PAGE = 1000;

/** Records that one script moves out of an abandoned lane or drops, and how often the removal looks whether their requests have ended. */
export const MOVED_AT_ONCE = 50;
export const FLIGHT_LOOK_MS = 2000;

/** States that went back which are remembered; others push them out. */
export const MAX_REGRESSES = 100;

/** The lanes' highest tokens are kept at the intake for so long after the last that was told: a process that is started again for one that died comes within it. */
export const TOKENS_KEPT_MS = 900_000;

/** When a state went back, a door adds its jobs of this time again, of at most so many bytes. */
export const ADD_AGAIN_MS = 10_000;
export const ADD_AGAIN_BYTES = 32 * 1024 * 1024;

/** Jobs that a door adds again at the same time. */
export const ADD_AGAIN_AT_ONCE = 32;

/** For so long after a state went back, what is understood may have been understood, and written, before. */
export const RECOVERS_MS = 60_000;

/** The jobs of a door whose confirmation failed, which are not told as acknowledged when the state goes back. */
export const MAX_UNCONFIRMED_JOBS = 10_000;

/** Doors whose number and last job are remembered; those that were heard of last stay. */
export const MAX_DOORS = 200;

/** Within this time every living process has connected to a server that was started again or promoted, and has looked at its state. */
export const PEERS_CHECK_WITHIN_MS = 2500;

/** A cluster's client that was told to disconnect has ended within this, or is told again. */
export const CLUSTER_ENDS_WITHIN_MS = 1000;

/** A lane that is found behind what is known of it is asked again after this. */
export const BEHIND_LOOK_AGAIN_MS = 100;

/** The shortest time between two messages that Redis' disk is slow. */
export const SLOW_SYNC_TOLD_EVERY_MS = 60_000;

/** Types of events that are counted for a source in a day; further types are counted together. */
export const MAX_SEEN_TYPES = 100;

/** A type's name, in UTF-16 units; a longer one is cut. */
export const MAX_TYPE_LENGTH = 100;

/** Days for which a source's types are told, today among them; and kept, so that yesterday can be held against its weekday a week before. */
export const SEEN_TYPES_DAYS = 7;
export const SEEN_TYPES_KEPT_DAYS = 9;

/** Requests that were not authentic are counted by the minute, for so many minutes. */
export const REFUSED_MINUTES = 10;
/** Sources and reasons that are counted apart in a minute. */
export const MAX_REFUSED_NAMES = 500;

/** Tries of a message to somebody outside: the waits double from the first, so that the last try is two hours behind it. */
export const OUTBOX_ATTEMPTS = 14;
export const OUTBOX_FIRST_WAIT_MS = 1000;
/** Messages that one process delivers at a time, that may wait, and that nobody took which are kept. */
export const OUTBOX_AT_ONCE = 4;
export const OUTBOX_WAITING = 1000;
export const OUTBOX_FAILED = 100;
/** A message that was delivered is known by its id for this long: it is not sent again by a process that had missed it. */
export const OUTBOX_DELIVERED_S = 3600;
/** How long a delivery is its process' own: one try takes half as long at most. */
export const OUTBOX_LOCK_MS = 30_000;

/**
 * The term of a role that one process of the fleet has, how often its holder renews it, so that it may stand still for 4.5 s, and after
 * what time without being asked for its work it does so no more: longer than half a minute between two scrapes.
 */
export const LEADER_TERM_MS = 6000;
export const LEADER_RENEWS_EVERY_MS = 1500;
export const LEADER_ASKED_WITHIN_MS = 35_000;

/** A forecast goes by the changes that ended within this time. */
export const FORECAST_WINDOW_MS = 60_000;

/** Acts of people that are remembered; the oldest are forgotten first. An act, in UTF-16 units: its details are left out above that. */
export const MAX_ACTS = 10_000;
export const MAX_ACT_LENGTH = 4000;

/** Acts read in one round trip. */
export const ACTS_PAGE = 200;

/** The most lanes of a destination: six bits of a record's id say which one it lives in. */
export const MAX_LANES = 64;

/** For so long a worker may send with requests that it was granted before it knew of a record: no window of the quota has room for more. */
export const GRANTED_FOR_MS = 500;

/** The part of its room in Redis from which on a source's letters leave for the history, and the part at which that ends. */
export const FILE_FROM = 1 / 4;
export const FILE_TO = 1 / 5;

/** Letters that are read, and UTF-16 units of text that are written, together on their way into the history. */
export const FILE_LETTERS = 256;
export const FILE_BYTES = 1024 * 1024;

/** How often it is looked whether letters are to leave, and what others left unfinished; how soon letters that stayed are looked at again. */
export const FILE_LOOK_MS = 100;
export const FILE_TEND_MS = 5000;
export const FILE_AGAIN_MS = 30_000;

/** The longest pause after a failure, such as that of a history's database that is away. */
export const FILE_LONGEST_PAUSE_MS = 10_000;

/** For so long a letter that somebody acts on does not leave for the history: that is more than an act on one letter takes. */
export const LETTER_BACK_MS = 60_000;
