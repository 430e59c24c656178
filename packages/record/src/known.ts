import type { RecordState } from "./state.ts";
import { compareStamps, type Stamp } from "./stamp.ts";

/**
 * The knowledge of a record, values aside: for each field the newest stamp that anybody has sent, and the newest delete.
 * This is the algebra that the merge rule of docs/design.md §4.4 stands on.
 *
 * - Stamps are totally ordered, so each field, and the deletes, have a newest one. A delete hides all stamps that are not newer.
 * - `merge` takes the newer of both everywhere. It is commutative, associative and idempotent, and `NOTHING` is neutral:
 *   knowledge is a join-semilattice, and a delete is an element of it like any other.
 * - A change is such knowledge too. Admitting it is `merge` with it:
 *   `knownOf(admit(state, change)) = merge(knownOf(state), change)`, also if it is superseded.
 * - The other acts on a record, claim, release, settle, bury and repair, change no knowledge: they move it from pending to the ledger,
 *   or back, or leave it. (An operator may make Sluice forget: discard and edit are no part of the algebra.)
 *
 * So the knowledge of a record depends on the set of changes that came in, and not on their order, on how often each came, nor on
 * writes, confirmations, losses or repetitions between them. A stamp belongs to one event, and so to one value of each field:
 * the record follows from the knowledge. That is convergence.
 */
export type Known = { readonly fields: ReadonlyMap<string, Stamp>; readonly tombstone: Stamp | null };

export const NOTHING: Known = { fields: new Map(), tombstone: null };

/** The least knowledge that holds all of both. */
export function merge(a: Known, b: Known): Known {
  const tombstone = newest(a.tombstone, b.tombstone);
  const fields = new Map<string, Stamp>();
  for (const field of new Set([...a.fields.keys(), ...b.fields.keys()])) {
    const stamp = newest(a.fields.get(field) ?? null, b.fields.get(field) ?? null);
    if (stamp !== null && isNewer(stamp, tombstone)) fields.set(field, stamp);
  }
  return { fields, tombstone };
}

/** The knowledge in a record's state: the confirmed and the pending stamps together. */
export function knownOf({ ledger, pending, tombstone }: RecordState): Known {
  const held = new Map([...pending].map(([field, { stamp }]) => [field, stamp] as const));
  return merge({ fields: ledger, tombstone }, { fields: held, tombstone });
}

function newest(a: Stamp | null, b: Stamp | null): Stamp | null {
  if (a === null || b === null) return a ?? b;
  return compareStamps(a, b) >= 0 ? a : b;
}

function isNewer(stamp: Stamp, than: Stamp | null): boolean {
  return than === null || compareStamps(stamp, than) > 0;
}
