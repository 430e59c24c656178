import type { Json } from "@sluice/event";
import { compareStamps, type Stamp } from "./stamp.ts";
import { opened, type RecordState } from "./state.ts";

/** A value that a destination has confirmed once, with the change that it came of. */
export type ConfirmedField = { readonly stamp: Stamp; readonly source: string; readonly value: Json };

/**
 * The destination does not show what it has confirmed: the values are pending once more. It is the opposite of `settleFields`, which moves a
 * field with its stamp from pending to the ledger, and this moves it back: what is known of the record stays the same (known.ts), so a
 * change that comes in, older or newer, is judged as if the destination had not confirmed yet. A field whose ledger has forgotten the stamp
 * is merged like a change. Nothing is done while anything is pending or under way, and no field is taken that something newer was confirmed
 * of, or that a newer delete hides: so nothing older is ever written than what is pending, or was confirmed since. For each source of the
 * values a change is accepted, which holds them.
 */
export function repair(state: RecordState, fields: ReadonlyMap<string, ConfirmedField>): RecordState {
  if (state.claimed || state.pending.size > 0 || state.deletion !== null || state.open.size > 0) return state;
  const { tombstone } = state;
  const taken = [...fields].filter(([field, { stamp, value }]) => {
    const over = tombstone === null ? 1 : compareStamps(stamp, tombstone);
    const isLive = over > 0 || (over === 0 && value === null);
    return isLive && compareStamps(state.ledger.get(field) ?? stamp, stamp) <= 0;
  });
  const isTaken = (field: string, stamp: Stamp): boolean =>
    taken.some(([name, each]) => name === field && compareStamps(each.stamp, stamp) === 0);
  const ledger = new Map([...state.ledger].filter(([field, stamp]) => !isTaken(field, stamp)));
  let next: RecordState = { ...state, ledger };
  // Lua has no order of its own to keep: both go by the name.
  for (const source of [...new Set(taken.map(([, each]) => each.source))].toSorted()) {
    const change = next.lastChange + 1;
    const own = taken.filter(([, each]) => each.source === source);
    const pending = new Map([
      ...next.pending,
      ...own.map(([field, { stamp, value }]) => [field, { stamp, change, source, value }] as const),
    ]);
    next = opened({ ...next, pending }, source);
  }
  return next;
}
