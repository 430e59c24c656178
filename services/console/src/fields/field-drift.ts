import { LIMITS } from "../limits.ts";
import type { FieldProfile, SeenField } from "./field-profile.ts";

/** A field of a type that is not as it was the week before. `before`, `now`: the kinds of its values; null: it was not there. */
export type FieldDrift = {
  readonly field: string;
  readonly what: "new" | "vanished" | "retyped";
  readonly before: string | null;
  readonly now: string | null;
};

/**
 * The fields that a type has now and did not have before, that it has no more, and that have another kind of value. Samples are compared:
 * fields that chance, or the room of a profile, may have left out of one are none of it.
 */
export function fieldDrifts(before: FieldProfile, now: FieldProfile): readonly FieldDrift[] {
  const drifts: FieldDrift[] = [];
  for (const path of [...new Set([...before.fields.keys(), ...now.fields.keys()])].toSorted()) {
    // A field that comes or goes takes all below it along.
    if (drifts.some(({ what, field }) => what !== "retyped" && isBelow(path, field))) continue;
    const [was, is] = [before.fields.get(path), now.fields.get(path)];
    if (was === undefined && is !== undefined && before.isWhole && isNoChance(is.bodies / now.bodies, before.bodies)) {
      drifts.push({ field: path, what: "new", before: null, now: kindsOf(is) });
    } else if (
      is === undefined &&
      was !== undefined &&
      now.isWhole &&
      isNoChance(was.bodies / before.bodies, now.bodies)
    ) {
      drifts.push({ field: path, what: "vanished", before: kindsOf(was), now: null });
    } else if (is !== undefined && was !== undefined && isRetyped(was, is)) {
      drifts.push({ field: path, what: "retyped", before: kindsOf(was), now: kindsOf(is) });
    }
  }
  return drifts;
}

/** Whether there is a kind now that was not there before, and that so many values would have shown. */
function isRetyped(was: SeenField, is: SeenField): boolean {
  return [...is.kinds].some(
    ([kind, bodies]) => was.kinds.size > 0 && !was.kinds.has(kind) && isNoChance(bodies / is.bodies, was.bodies),
  );
}

/** Whether it is more than chance that what stands in such a share of bodies stands in none of these. */
function isNoChance(share: number, bodies: number): boolean {
  return (1 - share) ** bodies < LIMITS.driftChance && bodies >= LIMITS.driftBodies;
}

function isBelow(path: string, field: string): boolean {
  return path.startsWith(`${field}.`) || path.startsWith(`${field}[]`);
}

function kindsOf({ kinds }: SeenField): string {
  return [...kinds.keys()].toSorted().join(" or ") || "null";
}
