import type { Snapshot } from "./state.ts";

/**
 * The fields of a refused write that are set aside, so that the rest is written without them: the fields that the answer names.
 * Where it names none, the fields that were refused before and came along: the new ones alone are tried. None: the whole write
 * is dead.
 */
export function asideOf({ fields }: Snapshot, named: readonly string[]): readonly string[] {
  const refused = named.filter((field) => fields.has(field));
  const before = [...fields].filter(([, { change }]) => change === 0).map(([field]) => field);
  const aside = refused.length > 0 ? [...new Set(refused)] : before;
  return aside.length < fields.size ? aside : [];
}
