import type { Snapshot } from "./state.ts";

/**
 * Which fields of a refused write are set aside, so that the rest is written without them: those that the answer names. Where it
 * names none, those that were refused before and came along: the newcomer alone is tried. None: all of it is dead.
 */
export function asideOf({ fields }: Snapshot, named: readonly string[]): readonly string[] {
  const refused = named.filter((field) => fields.has(field));
  const before = [...fields].filter(([, { change }]) => change === 0).map(([field]) => field);
  const aside = refused.length > 0 ? [...new Set(refused)] : before;
  return aside.length < fields.size ? aside : [];
}
