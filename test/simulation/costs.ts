/** Measured costs, each with its place. The simulation knows nothing else of Sluice's speed and size. */
export const COSTS = {
  /** Redis, from the door until an event is merged into a record that is pending already: row `redis`, 20 events one after the other (µs). */
  redisPerEventMicros: 104,
  /** Redis, for a record that is claimed and settled: row `redis`, every event another record, less the above (µs). */
  redisPerRecordMicros: 238 - 104,
  /** The part of a core that Redis has for this; its file and its replicas need the rest. */
  redisShare: 0.9,
  /** docs/redis-memory.md, and rows `waiting`, `pending`, `ledger`, `remembered` (bytes). */
  waitingBytes: 160,
  pendingBytes: 860,
  quietBytes: 380,
  idBytes: 25,
  /** Ids are kept for `dedupe_window`, 96 h unless it is said, and half of it at the most (s). */
  idKeptS: 1.5 * 96 * 3600,
  /** The door closes when what waits takes more than this part of the budget, or all takes more than the budget. */
  intakeShare: 1 / 8,
  /** A sender tries again after this, at the mean (s). */
  senderAgainS: 300,
  /** A job that is not full waits so long for more, where requests are scarce (s). */
  gatherS: 1,
} as const;
