/**
 * The expression of a member of an object or a list that an event carries whole: null where the parent is there without it, nothing where
 * the event has no parent.
 */
export function memberOrNull(parent: string, member: string): string {
  return `$exists(${parent}) ? ($of := ${parent}${member}; $exists($of) ? $of : null)`;
}
