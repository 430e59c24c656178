import {
  arrivedAtMs,
  isTie,
  join,
  admitDelete,
  admitFields,
  bury,
  claim,
  EMPTY_RECORD,
  release,
  settleDelete,
  settleFields,
  type Arrival,
  type ChangeEffect,
  type RecordState,
  type Snapshot,
  type Stamp,
  type Tally,
} from "@sluice/record";

/** The model of a lane: the pure rule of each record, and when each may be claimed, by a clock that tests set. */
export type ModelRecord = {
  state: RecordState;
  /** When the record may be claimed (ms); for a claimed record: when its lease ends. Null: nothing is to be done. */
  due: number | null;
  /** When the oldest open change came in (ms), and the first that came in while it was claimed. */
  since: number;
  during: number | null;
  /** The fencing token that stands, of a claim that has not ended. */
  fence: bigint | null;
  /** The last token that was given out. */
  lastFence: bigint;
  dead: boolean;
  /** How often the record was sent, flights in a row that nobody ended, the last one's worker, the last change of the job that carries it. */
  attempts: number;
  lost: number;
  session: string | null;
  job: number | null;
  /** A job that may carry it was posted, and nobody knows its id. */
  posted: boolean;
  /** The record was claimed to wait for the posted job: nothing is sent. */
  awaits: boolean;
  parked: boolean;
  /** Until when (ms) a write whose end nobody heard of may land. */
  silent: number;
};

export type ModelLane = {
  readonly records: Map<string, ModelRecord>;
  nowMicros: bigint;
  accepted: number;
  ties: number;
  readonly outcomes: Map<string, number>;
  /** By event and record: which delivery was merged, and the slice that remembers it. */
  readonly seen: Map<string, { readonly arrival: Arrival; readonly slice: number }>;
  /** Until when each slice counts (ms), and when the youngest began. */
  readonly slices: Map<number, number>;
  youngest: { readonly number: number; readonly beganMs: number } | null;
};

/** A change as it comes into the lane; `event` tells events on a record apart. */
export type Delivery = {
  readonly id: string;
  readonly event: string;
  readonly source: string;
  readonly arrival: Arrival;
  readonly stamp: Stamp;
  readonly effect: ChangeEffect;
};
type Word = "duplicate" | "accepted" | "superseded";

export type ModelClaim = {
  readonly id: string;
  readonly fence: bigint;
  snapshot: Snapshot;
  /** Before this claim. */
  readonly attempts: number;
  readonly lost: number;
  readonly posted: boolean;
};

/** When a parked record is due: never. */
const PARKED = 9e15;

export const DEDUPE_WINDOW_MS = 40_000;
const SLICE_MS = DEDUPE_WINDOW_MS / 2;

export function emptyLane(ids: readonly string[]): ModelLane {
  const record = (): ModelRecord => ({
    state: EMPTY_RECORD,
    due: null,
    since: 0,
    during: null,
    fence: null,
    lastFence: 0n,
    dead: false,
    attempts: 0,
    lost: 0,
    session: null,
    job: null,
    posted: false,
    awaits: false,
    parked: false,
    silent: 0,
  });
  return {
    records: new Map(ids.map((id) => [id, record()])),
    nowMicros: 1_800_000_000_000_000n,
    accepted: 0,
    ties: 0,
    outcomes: new Map(),
    seen: new Map(),
    slices: new Map(),
    youngest: null,
  };
}

export function nowMs(lane: ModelLane): number {
  return Number(lane.nowMicros / 1000n);
}

/** Changes that are merged at once: each record's are joined, unless one of them was merged before. */
export function merge(lane: ModelLane, all: readonly Delivery[]): Word[] {
  const words: Word[] = [];
  if (all.length === 0) return words;
  openSlices(lane);
  const isSecond = ({ event }: Delivery, place: number): boolean =>
    all.findIndex((other) => other.event === event) !== place;
  const firsts = [...all.entries()].filter(([place, each]) => !isSecond(each, place));
  const alone: number[] = [];
  for (const [, group] of Map.groupBy(firsts, ([, { id }]) => id)) {
    const places = group.map(([place]) => place);
    if (group.length > 1 && group.some(([, each]) => known(lane, each) !== null)) alone.push(...places);
    else mergeJoined(lane, all, places, words);
  }
  alone.push(...[...all.entries()].filter(([place, each]) => isSecond(each, place)).map(([place]) => place));
  for (const place of alone) mergeJoined(lane, all, [place], words);
  return words;
}

/** A clock that was set back opens no slice and closes none. */
function openSlices(lane: ModelLane): void {
  const now = nowMs(lane);
  for (const [number, till] of lane.slices) if (till <= now) lane.slices.delete(number);
  const isOld = lane.youngest === null || now >= lane.youngest.beganMs + SLICE_MS || lane.slices.size === 0;
  if (!isOld) return;
  lane.youngest = { number: (lane.youngest?.number ?? 0) + 1, beganMs: now };
  lane.slices.set(lane.youngest.number, now + SLICE_MS + DEDUPE_WINDOW_MS);
}

/** A second reading of the same delivery is answered as the first was: it is merged. */
function known(lane: ModelLane, { event, arrival }: Delivery): "accepted" | "duplicate" | null {
  const entry = lane.seen.get(event);
  if (entry === undefined || !lane.slices.has(entry.slice)) return null;
  return entry.arrival.micros === arrival.micros ? "accepted" : "duplicate";
}

function mergeJoined(lane: ModelLane, all: readonly Delivery[], places: readonly number[], words: Word[]): void {
  const group = places.map((place) => all[place]!);
  const [first] = group;
  const before = group.length === 1 ? known(lane, first!) : null;
  if (before !== null) return void (words[places[0]!] = before);
  const since = Math.min(nowMs(lane), ...group.map(({ arrival }) => arrivedAtMs(arrival)));
  for (const { event, arrival } of group) lane.seen.set(event, { arrival, slice: lane.youngest!.number });
  for (const { index, effect, tied } of join(group)) {
    words[places[index]!] = admitPart(lane, { ...group[index]!, effect }, tied, since);
  }
}

function admitPart(lane: ModelLane, { id, source, stamp, effect }: Delivery, tied: boolean, since: number): Word {
  lane.accepted += 1;
  const record = lane.records.get(id)!;
  const { tombstone, ledger, pending } = record.state;
  const held =
    effect.kind === "delete"
      ? [tombstone]
      : effect.fields.size === 0
        ? []
        : [tombstone, ...[...effect.fields.keys()].flatMap((field) => [ledger.get(field), pending.get(field)?.stamp])];
  if (tied || held.some((other) => other != null && isTie(stamp, other))) lane.ties += 1;
  const admitted =
    effect.kind === "delete"
      ? admitDelete(record.state, source, stamp)
      : { ...admitFields(record.state, source, stamp, effect.fields), tally: new Map() };
  record.state = admitted.state;
  count(lane, admitted.tally);
  if (admitted.accepted) {
    if (record.fence !== null) record.during ??= since;
    if (record.due === null) {
      record.due = nowMs(lane);
      record.since = since;
    }
    return "accepted";
  }
  count(lane, new Map([[source, new Map([["superseded", 1]])]]));
  // A delete may have taken back all that was left to send.
  if (effect.kind === "delete" && record.fence === null && !hasWork(record.state)) rested(record);
  return "superseded";
}

/** The records that a claim of up to `most` takes now, the longest due first. */
export function take(lane: ModelLane, most: number, leaseMs: number, session: string): ModelClaim[] {
  const now = nowMs(lane);
  const ready = [...lane.records].filter(([, { due }]) => due !== null && due <= now);
  ready.sort(([a, { due: x }], [b, { due: y }]) => x! - y! || (a < b ? -1 : 1));
  return ready.slice(0, most).flatMap(([id, record]) => {
    if (record.parked) {
      record.due = PARKED;
      return [];
    }
    const fence = lane.nowMicros > record.lastFence ? lane.nowMicros : record.lastFence + 1n;
    const { attempts, job } = record;
    if (record.fence !== null && job === null && !record.awaits) record.lost += 1;
    record.awaits = record.posted;
    const { state, snapshot } = claim(record.state);
    const next = { state, due: now + leaseMs, during: null, fence, lastFence: fence, session, attempts: attempts + 1 };
    Object.assign(record, next);
    const sent = job === null ? snapshot : sentInJob(snapshot, job);
    return [{ id, fence, snapshot: sent, attempts, lost: record.lost, posted: record.posted }];
  });
}

/** A job can have carried out only the changes that were there when it was sent. */
function sentInJob({ deletion, fields, open }: Snapshot, job: number): Snapshot {
  const sentFields = new Map([...fields].filter(([, { change }]) => change <= job));
  const sentDeletion = deletion !== null && deletion.change <= job ? deletion : null;
  const sent = [...sentFields.values(), ...(sentDeletion === null ? [] : [sentDeletion])];
  const told = new Map<string, number>();
  for (const source of open.keys()) {
    const changes = new Set(
      sent.filter((each) => each.source === source && each.change > 0).map(({ change }) => change),
    );
    if (changes.size > 0) told.set(source, changes.size);
  }
  return { deletion: sentDeletion, fields: sentFields, open: told };
}

export type EndWord = "lost" | "quiet" | "more" | "waiting" | "parked";

/** How a flight ends without an outcome. */
export type Back = {
  readonly delayMs: number;
  readonly spent: boolean;
  readonly unsettled?: boolean;
  readonly handedOver?: boolean;
  /** The record was claimed to wait for the job that was posted. */
  readonly posted?: "on" | "over";
};

export function giveBack(lane: ModelLane, held: ModelClaim, back: Back): EndWord {
  const { delayMs, spent, unsettled, handedOver, posted } = back;
  const record = holder(lane, held);
  if (record === null) return "lost";
  const lease = record.due ?? 0;
  const due = delayMs === 0 ? record.since : nowMs(lane) + delayMs;
  const silent = unsettled === true && lease < PARKED ? lease : 0;
  if (silent > 0) record.silent = silent;
  record.due = record.parked ? PARKED : Math.max(due, silent);
  record.attempts = Math.max(0, record.attempts - (spent ? 0 : 1));
  if (posted === undefined) record.lost = 0;
  record.posted &&= unsettled === true || posted === "on";
  record.awaits &&= record.posted;
  record.session = record.during = null;
  if (handedOver === true) return "waiting";
  record.state = release(record.state);
  record.fence = record.job = null;
  return "waiting";
}

/** A job carries it: its lease is kept, and whoever takes it over follows the job. */
export function carry(lane: ModelLane, held: ModelClaim, leaseMs: number): boolean {
  const record = holder(lane, held);
  if (record === null) return false;
  const { deletion, fields } = held.snapshot;
  record.job = Math.max(deletion?.change ?? 0, ...[...fields.values()].map(({ change }) => change));
  record.due = nowMs(lane) + leaseMs;
  record.posted = record.awaits = false;
  return true;
}

/** A job with it is about to be posted. */
export function announce(lane: ModelLane, held: ModelClaim, leaseMs: number): boolean {
  const record = holder(lane, held);
  if (record === null) return false;
  record.posted = true;
  record.awaits = false;
  record.due = nowMs(lane) + leaseMs;
  return true;
}

/** The flights of a worker that died. */
export function takeOver(lane: ModelLane, session: string): void {
  const now = nowMs(lane);
  for (const record of lane.records.values()) {
    if (record.session !== session || record.due === null || record.due <= now || record.due >= PARKED) continue;
    record.due = record.parked ? PARKED : Math.max(now, record.silent);
  }
}

export function park(lane: ModelLane, id: string, parked: boolean): "none" | "parked" | "waiting" {
  const record = lane.records.get(id)!;
  if (record.due === null) return "none";
  record.parked = parked;
  if (record.fence === null || record.due === PARKED)
    record.due = parked ? PARKED : Math.max(nowMs(lane), record.silent);
  return parked ? "parked" : "waiting";
}

export function retry(lane: ModelLane, id: string): "none" | "parked" | "flying" | "due" {
  const record = lane.records.get(id)!;
  const now = nowMs(lane);
  if (record.due === null) return "none";
  if (record.parked) return "parked";
  const isHeld = record.fence !== null || record.posted;
  if (Math.max(record.silent, isHeld ? record.due : 0) > now) return "flying";
  record.due = Math.max(Math.min(now, record.since), record.silent);
  return "due";
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
  record.parked = false;
  return "parked";
}

/** The ledger's time is over: the confirmed stamps of a quiet record are forgotten. */
export function forget(lane: ModelLane, id: string): void {
  const record = lane.records.get(id)!;
  Object.assign(record, { state: EMPTY_RECORD, lastFence: 0n });
}

export function isQuiet({ state, due, fence }: ModelRecord): boolean {
  return due === null && fence === null && !hasWork(state);
}

/** Nothing of a record was sent, as far as it matters. */
const UNFLOWN = { attempts: 0, lost: 0, posted: false, awaits: false, silent: 0 } as const;

function ended(lane: ModelLane, record: ModelRecord): "quiet" | "more" {
  Object.assign(record, { ...UNFLOWN, fence: null, dead: false, session: null, job: null });
  if (!hasWork(record.state)) {
    rested(record);
    return "quiet";
  }
  record.since = record.during ?? nowMs(lane);
  record.during = null;
  record.due = record.parked ? PARKED : nowMs(lane);
  return "more";
}

/** Nothing is left of what was pending. */
function rested(record: ModelRecord): void {
  Object.assign(record, { ...UNFLOWN, due: null, during: null, dead: false, parked: false });
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
