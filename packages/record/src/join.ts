import type { Json } from "@sluice/event";
import type { ChangeEffect } from "./change.ts";
import { compareStamps, isTie, type Stamp } from "./stamp.ts";

/**
 * The part that is left of a change once it is joined with others of its record: the newest value of every field, and the newest
 * delete. Merging these parts, in the order given here, is merging the changes one by one in any order; it only costs
 * less, because nothing is stored that would be replaced at once.
 */
export type JoinedPart = {
  /** The change's place in the list that was joined. */
  readonly index: number;
  /** The change's effect with the fields that no other change has newer; without fields: nothing of the change is left. */
  readonly effect: ChangeEffect;
  /** The order of arrival alone decides between this change and another. */
  readonly tied: boolean;
};

/** Joins changes: the delete that is left, if any, then fields, the newest first; changes with nothing left are among them, without fields. */
export function join(
  changes: readonly { readonly stamp: Stamp; readonly effect: ChangeEffect }[],
): readonly JoinedPart[] {
  const newestFirst = changes
    .map(({ stamp, effect }, index) => ({ stamp, effect, index }))
    .toSorted((a, b) => compareStamps(b.stamp, a.stamp));
  const taken = new Map<string, (typeof newestFirst)[number]>();
  let deleted: (typeof newestFirst)[number] | undefined;
  const parts: JoinedPart[] = [];
  for (const change of newestFirst) {
    const { effect, index } = change;
    if (effect.kind === "delete") {
      if (deleted === undefined) parts.unshift({ index, effect, tied: false });
      else parts.push({ index, effect: NOTHING_LEFT, tied: isTie(deleted.stamp, change.stamp) });
      deleted ??= change;
      continue;
    }
    const fields = new Map<string, Json>();
    let tied = deleted !== undefined && isTie(deleted.stamp, change.stamp);
    for (const [field, value] of effect.fields) {
      const newer = taken.get(field);
      if (newer === undefined && deleted === undefined) fields.set(field, value);
      tied ||= newer !== undefined && isTie(newer.stamp, change.stamp);
      taken.set(field, newer ?? change);
    }
    parts.push({ index, effect: { kind: "fields", fields }, tied });
  }
  return parts;
}

const NOTHING_LEFT: ChangeEffect = { kind: "fields", fields: new Map() };
