import { COSTS } from "./costs.ts";

/**
 * One lane as flows: events come in, wait to be understood, merge into the pending records of a set of records that are all as likely, and
 * go out in calls. Nothing is an object; a step of ten seconds costs the same at one event a second and at fifty thousand.
 */
export type Plant = {
  readonly records: number;
  readonly callsPerMinute: number;
  /** Records in one call at the most. */
  readonly batch: number;
  readonly redisBudgetBytes: number;
};

/** Events, but for `pendingRecords` and `knownRecords`. */
export type State = {
  readonly atSenders: number;
  readonly waiting: number;
  readonly pendingRecords: number;
  readonly pendingEvents: number;
  readonly knownRecords: number;
  /** Ids that are remembered. */
  readonly ids: number;
};

export type Step = {
  readonly state: State;
  /** Events of senders that were answered with 503: each time that one is counts. */
  readonly refused: number;
  /** Events whose values are at the destination. */
  readonly ended: number;
  readonly writes: number;
  readonly calls: number;
  readonly redisBytes: number;
};

export const EMPTY: State = {
  atSenders: 0,
  waiting: 0,
  pendingRecords: 0,
  pendingEvents: 0,
  knownRecords: 0,
  ids: 0,
};

export function bytesOf({ waiting, pendingRecords, knownRecords, ids }: State): number {
  const { waitingBytes, pendingBytes, quietBytes, idBytes } = COSTS;
  return waiting * waitingBytes + pendingRecords * pendingBytes + knownRecords * quietBytes + ids * idBytes;
}

/** The next `seconds`, in which so many new events come and the destination is held or not. */
export function flow(state: State, plant: Plant, seconds: number, arriving: number, isHeld: boolean): Step {
  const again = state.atSenders * (1 - Math.exp(-seconds / COSTS.senderAgainS));
  const isClosed =
    bytesOf(state) > plant.redisBudgetBytes ||
    state.waiting * COSTS.waitingBytes > plant.redisBudgetBytes * COSTS.intakeShare;
  const stored = isClosed ? 0 : arriving + again;
  const refused = isClosed ? arriving + again : 0;
  const atSenders = isClosed ? state.atSenders + arriving : state.atSenders - again;

  const redisMicros = seconds * 1e6 * COSTS.redisShare;
  const understood = Math.min(state.waiting + stored, redisMicros / COSTS.redisPerEventMicros);
  const left = redisMicros - understood * COSTS.redisPerEventMicros;
  const waiting = state.waiting + stored - understood;

  const met = 1 - Math.exp(-understood / plant.records);
  const due = state.pendingRecords + (plant.records - state.pendingRecords) * met;
  const dueEvents = state.pendingEvents + understood;
  const most = isHeld ? 0 : Math.min(due, left / COSTS.redisPerRecordMicros);
  const calls = callsFor(most, plant, seconds);
  const writes = Math.min(most, calls * plant.batch);
  const ended = due === 0 ? 0 : dueEvents * (writes / due);

  const next: State = {
    atSenders,
    waiting,
    pendingRecords: due - writes,
    pendingEvents: dueEvents - ended,
    knownRecords: state.knownRecords + (plant.records - state.knownRecords) * met,
    ids: state.ids + understood - state.ids * (1 - Math.exp(-seconds / COSTS.idKeptS)),
  };
  return { state: next, refused, ended, writes, calls, redisBytes: bytesOf(next) };
}

/** A call for each record while the quota has one for each; else jobs, which are gathered for a second if they are not full by then. */
function callsFor(records: number, { callsPerMinute, batch }: Plant, seconds: number): number {
  const quota = (callsPerMinute / 60) * seconds;
  if (records <= quota) return records;
  return Math.min(quota, Math.max(records / batch, seconds / COSTS.gatherS));
}
