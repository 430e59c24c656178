import type { Json } from "@sluice/event";
import { NAME_FIELD, type ChangeEffect } from "./change.ts";
import { join } from "./join.ts";
import type { Outcome } from "./outcome.ts";
import { compareStamps, rerun, type Stamp } from "./stamp.ts";

/**
 * The state of one record, with the whole merge rule of docs/design.md §4.4 as pure functions. The Redis
 * scripts in packages/queue do the same on Redis; a property test runs both side by side. known.ts says why records converge.
 *
 * - `ledger`: for each field the stamp that the destination last confirmed;
 * - `pending`: for each field not yet confirmed its value and stamp;
 * - `tombstone`: the stamp of the newest delete, confirmed or not;
 * - `deletion`: a delete that the destination has not confirmed;
 * - `open`: by source, the accepted changes that have no outcome yet.
 *
 * Invariants, after every function here:
 *  1. a pending field is newer than its stamp in the ledger and than the tombstone, or it is the
 *     null with which the tombstone clears a field (and then carries the tombstone's stamp);
 *  2. a deletion is outstanding only while the ledger knows of no field newer than it;
 *  3. with nothing pending and no deletion, nothing is open: at once, or with the next claim where the record is claimed or was
 *     given back.
 */
export type RecordState = {
  readonly ledger: ReadonlyMap<string, Stamp>;
  readonly pending: ReadonlyMap<string, PendingField>;
  readonly tombstone: Stamp | null;
  readonly deletion: Contribution | null;
  readonly open: ReadonlyMap<string, number>;
  /** The number of the last accepted change; it starts again when the record is quiet. */
  readonly lastChange: number;
  /** A worker holds the record: its outcomes are counted when it is settled, not before. */
  readonly claimed: boolean;
};

/** The change that a pending entry came from. Change 0 has had its outcome (a dead letter's). */
export type Contribution = { readonly stamp: Stamp; readonly change: number; readonly source: string };
export type PendingField = Contribution & { readonly value: Json };

export const EMPTY_RECORD: RecordState = {
  ledger: new Map(),
  pending: new Map(),
  tombstone: null,
  deletion: null,
  open: new Map(),
  lastChange: 0,
  claimed: false,
};

/** Outcomes by source, as they are counted. */
export type Tally = ReadonlyMap<string, ReadonlyMap<Outcome, number>>;

/** Makes fields pending that are newer than all that is known of them. If no field is, the change is superseded. */
export function admitFields(
  state: RecordState,
  source: string,
  stamp: Stamp,
  fields: ReadonlyMap<string, Json>,
): { state: RecordState; accepted: boolean } {
  const change = state.lastChange + 1;
  const pending = new Map(state.pending);
  let accepted = false;
  for (const [field, value] of fields) {
    if (!newer(stamp, state.tombstone)) break;
    if (!newer(stamp, state.ledger.get(field)) || !newer(stamp, pending.get(field)?.stamp)) continue;
    pending.set(field, { stamp, change, source, value });
    accepted = true;
  }
  if (!accepted) return { state, accepted };
  return { state: opened({ ...state, pending }, source), accepted };
}

/**
 * Admits a delete, which drops older pending fields. A record that holds newer fields lives on: then the older
 * fields are cleared, as they would be had the delete come first.
 */
export function admitDelete(
  state: RecordState,
  source: string,
  stamp: Stamp,
): { state: RecordState; accepted: boolean; tally: Tally } {
  if (!newer(stamp, state.tombstone)) return { state, accepted: false, tally: new Map() };
  const change = state.lastChange + 1;
  const contribution = { stamp, change, source };
  const pending = new Map([...state.pending].filter(([, field]) => newer(field.stamp, stamp)));
  const lives = [...state.ledger.values()].some((confirmed) => newer(confirmed, stamp));
  if (!lives) {
    const next = { ...state, pending, tombstone: stamp, deletion: contribution };
    return { state: opened(next, source), accepted: true, tally: new Map() };
  }
  // A dropped field may have reached the destination in a write that was never confirmed, so it is
  // cleared too, like the confirmed ones.
  for (const [field, { stamp: held }] of state.pending) {
    if (newer(stamp, held) && field !== NAME_FIELD) pending.set(field, { ...contribution, value: null });
  }
  for (const [field, confirmed] of state.ledger) {
    if (newer(stamp, confirmed) && field !== NAME_FIELD && !pending.has(field)) {
      pending.set(field, { ...contribution, value: null });
    }
  }
  const accepted = [...pending.values()].some((field) => field.change === change);
  const next = { ...state, pending, tombstone: stamp };
  if (accepted) return { state: opened(next, source), accepted, tally: new Map() };
  // The delete may have dropped all that was left to send.
  const { state: rested, tally } = state.claimed ? { state: next, tally: new Map() } : rest(next);
  return { state: rested, accepted, tally };
}

/**
 * Admits several changes of one record at once, joined. Each is accepted or not as if it came after all the others: nothing is left
 * of a change that another one replaces.
 */
export function admitJoined(
  state: RecordState,
  changes: readonly { readonly source: string; readonly stamp: Stamp; readonly effect: ChangeEffect }[],
): { state: RecordState; accepted: readonly boolean[]; tally: Tally } {
  const accepted = changes.map(() => false);
  let next = state;
  let tally: Tally = new Map();
  for (const { index, effect } of join(changes)) {
    const { source, stamp } = changes[index]!;
    const admitted =
      effect.kind === "delete"
        ? admitDelete(next, source, stamp)
        : { ...admitFields(next, source, stamp, effect.fields), tally: new Map() };
    next = admitted.state;
    accepted[index] = admitted.accepted;
    tally = added(tally, admitted.tally);
  }
  return { state: next, accepted, tally };
}

/** The part of a record that a worker takes out to write: the deletion first, then the fields. */
export type Snapshot = {
  readonly deletion: Contribution | null;
  readonly fields: ReadonlyMap<string, PendingField>;
  readonly open: ReadonlyMap<string, number>;
};

export function claim(state: RecordState): { state: RecordState; snapshot: Snapshot } {
  const { deletion, pending, open } = state;
  return { state: { ...state, claimed: true }, snapshot: { deletion, fields: pending, open } };
}

/** Gives a claimed record back unwritten. */
export function release(state: RecordState): RecordState {
  return { ...state, claimed: false };
}

/** The destination confirmed the delete of the snapshot; its fields, if it has any, go out with the next claim. */
export function settleDelete(state: RecordState, sent: Snapshot): { state: RecordState; tally: Tally } {
  const sentDeletion = sent.deletion;
  if (sentDeletion === null) return { state, tally: new Map() };
  // The record is gone, and with it every field that had been confirmed before.
  const ledger = new Map([...state.ledger].filter(([, confirmed]) => newer(confirmed, sentDeletion.stamp)));
  const deletion = same(state.deletion?.stamp, sentDeletion.stamp) ? null : state.deletion;
  return finish({ ...state, ledger, deletion }, tallyDelete(sent));
}

/** The destination confirmed the fields of the snapshot; values that came in meanwhile stay pending. */
export function settleFields(state: RecordState, sent: Snapshot): { state: RecordState; tally: Tally } {
  const ledger = new Map(state.ledger);
  const pending = new Map(state.pending);
  for (const [field, { stamp }] of sent.fields) {
    if (newer(stamp, ledger.get(field))) ledger.set(field, stamp);
    if (same(pending.get(field)?.stamp, stamp)) pending.delete(field);
  }
  return finish(mend({ ...state, ledger, pending }), tallyFields(sent));
}

/**
 * The destination refused the snapshot for good. Its values stay pending, without a change that
 * waits for an outcome, so that a newer good change takes them along and heals the record.
 */
export function bury(state: RecordState, sent: Snapshot): { state: RecordState; tally: Tally } {
  const pending = new Map(state.pending);
  for (const [field, { stamp }] of sent.fields) {
    const held = pending.get(field);
    if (held !== undefined && same(held.stamp, stamp)) pending.set(field, { ...held, change: 0 });
  }
  const held = state.deletion;
  const deletion = held !== null && same(held.stamp, sent.deletion?.stamp) ? { ...held, change: 0 } : held;
  return finish({ ...state, pending, deletion }, tallyDead(sent));
}

/** An operator's change of a dead letter before it goes out again. */
export type Edit = { readonly set: ReadonlyMap<string, Json>; readonly drop: ReadonlySet<string> };

/**
 * An operator sends a dead letter again. Its changes have had their outcome, so that for each source whose values are
 * parked a new change is accepted, which holds them. A value that is set counts as just newer than the refused one, and as
 * older than every event that is newer than that one.
 * @param run the number of this replay
 */
export function replay(state: RecordState, edit: Edit, run: number): RecordState {
  const pending = new Map([...state.pending].filter(([field]) => !edit.drop.has(field)));
  const newest = [...state.pending.values(), ...(state.deletion === null ? [] : [state.deletion])].reduce<
    Contribution | undefined
  >((best, each) => (best === undefined || newer(each.stamp, best.stamp) ? each : best), undefined);
  for (const [field, value] of edit.set) {
    const cause = state.pending.get(field) ?? newest;
    if (cause === undefined) continue;
    const stamp = rerun(cause.stamp, run);
    if (newer(stamp, state.ledger.get(field)) && newer(stamp, state.tombstone)) {
      pending.set(field, { change: 0, source: cause.source, stamp, value });
    }
  }
  let next: RecordState = { ...state, pending };
  for (const source of parkedSources(next)) {
    const change = next.lastChange + 1;
    const held = new Map(
      [...next.pending].map(([field, entry]) => [field, entry.source === source ? { ...entry, change } : entry]),
    );
    const { deletion } = next;
    next = opened(
      { ...next, pending: held, deletion: deletion?.source === source ? { ...deletion, change } : deletion },
      source,
    );
  }
  return next;
}

/** An operator drops a dead letter: for each source whose values are parked a change is accepted and discarded. */
export function discard(state: RecordState): { state: RecordState; tally: Tally } {
  const tally = new Map(parkedSources(state).map((source) => [source, new Map([["discarded" as const, 1]])] as const));
  return { state: { ...state, pending: new Map(), deletion: null, lastChange: 0 }, tally };
}

function parkedSources({ pending, deletion }: RecordState): readonly string[] {
  const sources = [...pending.values(), ...(deletion === null ? [] : [deletion])].map(({ source }) => source);
  // Lua has no order of its own to keep: both go by the name.
  return [...new Set(sources)].toSorted();
}

/** The outcomes that a confirmed delete decides: its own, and those of all open changes if nothing else is to be sent. */
export function tallyDelete(sent: Snapshot): Tally {
  const { deletion } = sent;
  if (deletion === null) return new Map();
  if (sent.fields.size === 0) return tallyWrite(sent.open, [deletion]);
  return deletion.change === 0 ? new Map() : new Map([[deletion.source, new Map([["applied", 1]])]]);
}

/** The outcomes that confirmed fields decide: those of all changes that were open when the fields were taken out. */
export function tallyFields(sent: Snapshot): Tally {
  return tallyWrite(sent.open, [...sent.fields.values()]);
}

/** The outcomes of fields that the destination held already, so that nothing was written. */
export function tallyUnchanged(sent: Snapshot): Tally {
  const written = tallyFields(sent);
  return new Map(
    [...written].map(([source, outcomes]) => {
      const unchanged = (outcomes.get("applied") ?? 0) + (outcomes.get("merged") ?? 0);
      const rows: [Outcome, number][] = [
        ["unchanged", unchanged],
        ["superseded", outcomes.get("superseded") ?? 0],
      ];
      return [source, new Map(rows.filter(([, each]) => each > 0))];
    }),
  );
}

/** The outcomes of a write that was not carried out, since the destination shows something newer. */
export function tallySuperseded(written: Tally): Tally {
  const all = (outcomes: ReadonlyMap<Outcome, number>): number => [...outcomes.values()].reduce((a, b) => a + b, 0);
  return new Map([...written].map(([source, outcomes]) => [source, new Map([["superseded", all(outcomes)]])]));
}

/** The outcomes of changes all of whose fields are set aside. */
export function tallyAside(sent: Snapshot, aside: readonly string[]): Tally {
  const refused = [...sent.fields].filter(([field]) => aside.includes(field)).map(([, each]) => each);
  const kept = [...sent.fields].filter(([field]) => !aside.includes(field)).map(([, each]) => each);
  const alive = new Set([...kept, ...(sent.deletion === null ? [] : [sent.deletion])].map(({ change }) => change));
  const dead = new Map(
    refused.filter(({ change }) => change > 0 && !alive.has(change)).map(({ change, source }) => [change, source]),
  );
  const bySource = Map.groupBy(dead.values(), (source) => source);
  return new Map([...bySource].map(([source, changes]) => [source, new Map([["dead", changes.length]])]));
}

/** The outcomes of a refused snapshot: all changes that were open when it was taken out are dead. */
export function tallyDead(sent: Snapshot): Tally {
  return new Map([...sent.open].map(([source, count]) => [source, new Map([["dead", count]])]));
}

/**
 * The outcomes of one write: the change with its newest value was applied, the others that had values in it were merged, and
 * changes with nothing left to send were superseded while they waited.
 */
function tallyWrite(open: ReadonlyMap<string, number>, written: readonly Contribution[]): Tally {
  const live = new Map<number, Contribution>();
  for (const contribution of written) {
    if (contribution.change > 0) live.set(contribution.change, contribution);
  }
  const newest = [...live.values()].reduce<Contribution | null>(
    (best, each) => (best === null || newer(each.stamp, best.stamp) ? each : best),
    null,
  );
  const tally = new Map<string, Map<Outcome, number>>();
  for (const [source, count] of open) {
    const contributed = [...live.values()].filter((each) => each.source === source).length;
    const applied = newest?.source === source ? 1 : 0;
    const rows: [Outcome, number][] = [
      ["applied", applied],
      ["merged", contributed - applied],
      ["superseded", count - contributed],
    ];
    tally.set(source, new Map(rows.filter(([, each]) => each > 0)));
  }
  return tally;
}

/** Invariant 2, after a write: a record that turned out to live on is cleared instead of deleted. */
function mend(state: RecordState): RecordState {
  const { tombstone } = state;
  if (tombstone === null) return state;
  const lives = [...state.ledger.values()].some((confirmed) => newer(confirmed, tombstone));
  if (!lives) return state;
  const pending = new Map(state.pending);
  const cause = state.deletion ?? { stamp: tombstone, change: 0, source: "" };
  for (const [field, confirmed] of state.ledger) {
    if (newer(tombstone, confirmed) && field !== NAME_FIELD && !pending.has(field)) {
      pending.set(field, { ...cause, stamp: tombstone, value: null });
    }
  }
  return { ...state, pending, deletion: null };
}

/** Takes the outcomes off the open changes; changes that are still open with nothing left to send were superseded. */
function finish(state: RecordState, tally: Tally): { state: RecordState; tally: Tally } {
  const settled = rest({ ...state, claimed: false, open: without(state.open, tally) });
  return { state: settled.state, tally: added(tally, settled.tally) };
}

/** Keeps invariant 3: with nothing left to send, the open changes are superseded. */
function rest(state: RecordState): { state: RecordState; tally: Tally } {
  if (state.pending.size > 0 || state.deletion !== null) return { state, tally: new Map() };
  const superseded = [...state.open].map(
    ([source, count]) => [source, new Map([["superseded" as const, count]])] as const,
  );
  return { state: { ...state, open: new Map(), lastChange: 0 }, tally: new Map(superseded) };
}

/** Counts one more open change of a source. */
export function opened(state: RecordState, source: string): RecordState {
  const open = new Map(state.open).set(source, (state.open.get(source) ?? 0) + 1);
  return { ...state, open, lastChange: state.lastChange + 1 };
}

function without(open: ReadonlyMap<string, number>, tally: Tally): ReadonlyMap<string, number> {
  const left = new Map(open);
  for (const [source, outcomes] of tally) {
    const ended = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
    const still = (left.get(source) ?? 0) - ended;
    if (still > 0) left.set(source, still);
    else left.delete(source);
  }
  return left;
}

function added(a: Tally, b: Tally): Tally {
  const sum = new Map([...a].map(([source, outcomes]) => [source, new Map(outcomes)]));
  for (const [source, outcomes] of b) {
    const into = sum.get(source) ?? new Map<Outcome, number>();
    for (const [outcome, count] of outcomes) into.set(outcome, (into.get(outcome) ?? 0) + count);
    sum.set(source, into);
  }
  return sum;
}

function newer(a: Stamp, b: Stamp | null | undefined): boolean {
  return b === null || b === undefined || compareStamps(a, b) > 0;
}

function same(a: Stamp | null | undefined, b: Stamp | null | undefined): boolean {
  return a != null && b != null && compareStamps(a, b) === 0;
}
