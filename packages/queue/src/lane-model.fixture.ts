import type { Json } from "@sluice/event";
import {
  admitDelete,
  admitFields,
  bury,
  claim,
  EMPTY_RECORD,
  release,
  settleDelete,
  settleFields,
  type RecordState,
  type Snapshot,
  type Stamp,
  type Tally,
} from "@sluice/record";

/** What a lane should be: the pure rule of each record, and when each may be claimed, by a clock that tests set. */
export type ModelRecord = {
  state: RecordState;
  /** When it may be claimed (ms); of a claimed one: when its lease ends. Null: nothing is to be done. */
  due: number | null;
  /** When the oldest open change came in (ms), and the first that came in while it was claimed. */
  since: number;
  during: number | null;
  /** The fencing token that stands, of a claim that has not ended. */
  fence: bigint | null;
  /** Of all tokens ever given out, the last. */
  lastFence: bigint;
  /** The last order of arrival, while the ledger knows it. */
  lastArrival: bigint;
  dead: boolean;
};

export type ModelLane = {
  readonly records: Map<string, ModelRecord>;
  nowMicros: bigint;
  accepted: number;
  duplicates: number;
  readonly outcomes: Map<string, number>;
  /** Slices of the dedupe window in which each event was remembered. */
  readonly seen: Map<string, Set<number>>;
};

export type ModelClaim = { readonly id: string; readonly fence: bigint; snapshot: Snapshot };

export const DEDUPE_WINDOW_MS = 40_000;
const SLICE_MS = DEDUPE_WINDOW_MS / 4;

export function emptyLane(ids: readonly string[]): ModelLane {
  const record = (): ModelRecord => ({
    state: EMPTY_RECORD,
    due: null,
    since: 0,
    during: null,
    fence: null,
    lastFence: 0n,
    lastArrival: 0n,
    dead: false,
  });
  return {
    records: new Map(ids.map((id) => [id, record()])),
    nowMicros: 1_800_000_000_000_000n,
    accepted: 0,
    duplicates: 0,
    outcomes: new Map(),
    seen: new Map(),
  };
}

export function nowMs(lane: ModelLane): number {
  return Number(lane.nowMicros / 1000n);
}

/** An order of arrival: the clock, but never at or before the record's last one. */
export function arrival(lane: ModelLane, id: string): bigint {
  const { lastArrival } = lane.records.get(id)!;
  return lane.nowMicros > lastArrival ? lane.nowMicros : lastArrival + 1n;
}

export function admit(
  lane: ModelLane,
  id: string,
  change: { readonly event: string; readonly source: string; readonly stamp: Stamp; readonly byArrival: boolean },
  fields: ReadonlyMap<string, Json> | null,
): "duplicate" | "accepted" | "superseded" {
  const { event, source, stamp, byArrival } = change;
  const slice = Math.floor(nowMs(lane) / SLICE_MS);
  const slices = lane.seen.get(event) ?? new Set();
  if ([0, 1, 2, 3, 4].some((back) => slices.has(slice - back))) {
    lane.duplicates += 1;
    return "duplicate";
  }
  lane.seen.set(event, slices.add(slice));
  lane.accepted += 1;
  const record = lane.records.get(id)!;
  if (byArrival) record.lastArrival = stamp.version;
  const admitted =
    fields === null
      ? admitDelete(record.state, source, stamp)
      : { ...admitFields(record.state, source, stamp, fields), tally: new Map() };
  record.state = admitted.state;
  count(lane, admitted.tally);
  if (admitted.accepted) {
    if (record.fence !== null) record.during ??= nowMs(lane);
    if (record.due === null) record.due = record.since = nowMs(lane);
    return "accepted";
  }
  count(lane, new Map([[source, new Map([["superseded", 1]])]]));
  if (record.fence === null && !hasWork(record.state)) {
    record.due = null;
    record.dead = false;
  }
  return "superseded";
}

/** The records that a claim of up to `most` takes now, the longest due first. */
export function take(lane: ModelLane, most: number, leaseMs: number): ModelClaim[] {
  const now = nowMs(lane);
  const ready = [...lane.records].filter(([, { due }]) => due !== null && due <= now);
  ready.sort(([a, { due: x }], [b, { due: y }]) => x! - y! || (a < b ? -1 : 1));
  return ready.slice(0, most).map(([id, record]) => {
    const fence = lane.nowMicros > record.lastFence ? lane.nowMicros : record.lastFence + 1n;
    const taken = claim(record.state);
    Object.assign(record, { state: taken.state, due: now + leaseMs, during: null, fence, lastFence: fence });
    return { id, fence, snapshot: taken.snapshot };
  });
}

export type EndWord = "lost" | "quiet" | "more" | "waiting" | "parked";

export function giveBack(lane: ModelLane, held: ModelClaim, delayMs: number): EndWord {
  const record = holder(lane, held);
  if (record === null) return "lost";
  record.state = release(record.state);
  record.due = delayMs === 0 ? record.since : nowMs(lane) + delayMs;
  record.fence = record.during = null;
  return "waiting";
}

export function settleDeletion(lane: ModelLane, held: ModelClaim): EndWord {
  const record = holder(lane, held);
  if (record === null) return "lost";
  const { state, tally } = settleDelete(record.state, held.snapshot);
  record.state = state;
  count(lane, tally);
  return ended(lane, record);
}

export function settleValues(lane: ModelLane, held: ModelClaim): EndWord {
  const record = holder(lane, held);
  if (record === null) return "lost";
  const { state, tally } = settleFields(record.state, held.snapshot);
  record.state = state;
  count(lane, tally);
  return ended(lane, record);
}

export function buryRecord(lane: ModelLane, held: ModelClaim): EndWord {
  const record = holder(lane, held);
  if (record === null) return "lost";
  const { state, tally } = bury(record.state, held.snapshot);
  record.state = state;
  count(lane, tally);
  const word = ended(lane, record);
  record.dead = hasWork(state);
  if (word !== "more" || state.open.size > 0) return word === "quiet" ? "parked" : word;
  record.due = null;
  return "parked";
}

/** The ledger's time is over: whatever it knew of a quiet record is forgotten. */
export function forget(lane: ModelLane, id: string): void {
  const record = lane.records.get(id)!;
  Object.assign(record, { state: EMPTY_RECORD, lastArrival: 0n, lastFence: 0n });
}

export function isQuiet({ state, due, fence }: ModelRecord): boolean {
  return due === null && fence === null && !hasWork(state);
}

function ended(lane: ModelLane, record: ModelRecord): "quiet" | "more" {
  record.fence = null;
  record.dead = false;
  if (!hasWork(record.state)) {
    record.due = record.during = null;
    return "quiet";
  }
  record.since = record.during ?? nowMs(lane);
  record.during = null;
  record.due = nowMs(lane);
  return "more";
}

function holder(lane: ModelLane, { id, fence }: ModelClaim): ModelRecord | null {
  const record = lane.records.get(id)!;
  return record.fence === fence ? record : null;
}

function hasWork({ pending, deletion }: RecordState): boolean {
  return pending.size > 0 || deletion !== null;
}

function count(lane: ModelLane, tally: Tally | ReadonlyMap<string, ReadonlyMap<string, number>>): void {
  for (const outcomes of tally.values()) {
    for (const [outcome, by] of outcomes) lane.outcomes.set(outcome, (lane.outcomes.get(outcome) ?? 0) + by);
  }
}
