/** Requests that a generator keeps in flight. */
export const CONNECTIONS = 64;

/** Calls to the destination in flight, for the service by hand and for Sluice alike. */
export const DESTINATION_CONCURRENCY = 8;

/** The rounds of every row, unless the command names another number; bytes vary too little for more than one. */
export const ROUNDS = 5;
export const ROUNDS_OF_BYTES = 1;

/** A door runs compiled code after so many requests; then it is measured in slices, or together with its worker. */
export const WARM_UP_REQUESTS = 12_000;
export const DOOR_SLICES = 5;
export const DOOR_SLICE_SECONDS = 1;
export const TOGETHER_SECONDS = 6;

/** Events that are signed beforehand for a generator; more than the quickest Sluice takes in these seconds. */
export const GENERATED_EVENTS = 100_000;

/** Events that are sent, and settled, before anything is measured with a worker. */
export const WARM_UP_EVENTS = 2000;

/** Events whose cost in Redis is measured. */
export const REDIS_EVENTS = 10_000;
/** A server whose instructions are counted is some fifty times as slow, and its counts hardly differ from round to round. */
export const COUNTED_EVENTS = 3000;
export const COUNTED_ROUNDS = 3;
export const EVENTS_PER_RECORD = 20;

/** The webhooks, and other items, that bytes are measured over. */
export const WAITING_WEBHOOKS = 30_000;
export const WAITING_BYTES = 300;
export const REMEMBERED_EVENTS = 200_000;
export const EVENTS_PER_REMEMBERED_RECORD = 100;
export const PENDING_RECORDS = 100_000;
export const QUIET_RECORDS = 1_000_000;

/** How long one process maps events. */
export const UNDERSTAND_WARM_UP_MS = 500;
export const UNDERSTAND_MS = 2000;

/** Work that takes longer than this ends the benchmark with an error. */
export const LOAD_DEADLINE_MS = 1_800_000;
export const DRAIN_DEADLINE_MS = 900_000;
export const CHILD_START_DEADLINE_MS = 120_000;
export const CHILD_STOP_DEADLINE_MS = 10_000;
export const INSTALL_DEADLINE_MS = 600_000;

/** How often Redis is asked whether all is settled. */
export const SETTLED_LOOK_MS = 20;

/** Webhooks that each contestant is sent one after the other when all is idle. */
export const IDLE_EVENTS = 300;

/** Events that wait when a worker begins. */
export const BACKLOG_EVENTS = 6000;

/** Events of a steady stream, to each of its destinations, and how fast they come. */
export const STEADY_EVENTS = 800;
export const STEADY_PER_SECOND = 100;

/** A backlog for a destination with a small quota. */
export const QUOTA_EVENTS = 100_000;
export const QUOTA_RECORDS = 5000;

/** The time that a destination takes for an answer, where it takes any. */
export const LATENCY_MS = 10;

/** A worker is killed this long after a steady stream began, towards a destination that takes so long for an answer. */
export const KILLED_AFTER_MS = 4000;
export const KILLED_LATENCY_MS = 400;
export const KILLED_DEADLINE_MS = 120_000;

/** Records that go through the scripts of a lane at once, and how often. */
export const SCRIPT_RECORDS = 200;
export const SCRIPT_ROUNDS = 7;

/** Lanes of a destination on a cluster, the records that go through them at once, and how often. */
export const SPREAD_LANES = [1, 4, 16] as const;
export const SPREAD_RECORDS = 512;
export const SPREAD_ROUNDS = 10;

/** Events whose work is measured at the servers of a cluster, and how often. */
export const SERVERS_EVENTS = 10_000;
export const SERVERS_ROUNDS = 5;

/** Pending records of a lane whose admissions and claims are measured, how many of either are, and how often. */
export const LANE_SIZES = [1000, 1_000_000] as const;
export const LANE_SIZE_RECORDS = 500;
export const LANE_SIZE_ROUNDS = 5;

/** Workers beside one another, what they write, and how long the destination takes for an answer. */
export const WORKER_COUNTS = [1, 2, 4] as const;
export const WORKERS_EVENTS = 8000;
export const WORKERS_LATENCY_MS = 20;

/** Past events that are understood again under a changed mapping, over so many records, while a steady stream goes on to the same records. */
export const REPLAY_EVENTS = 100_000;
export const REPLAY_EVENTS_PER_RECORD = 20;
export const REPLAY_PLAN_DEADLINE_MS = 1_800_000;
