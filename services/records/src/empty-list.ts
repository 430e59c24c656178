/**
 * PHP has one empty array for lists and for maps and sends both as `[]`. Where only an object can be meant, an empty list
 * is an empty object.
 */
export function emptyListAsObject(value: unknown): unknown {
  return Array.isArray(value) && value.length === 0 ? {} : value;
}

/** `emptyListAsObject` for these members. */
export function emptyListsAsObjects(
  content: Readonly<Record<string, unknown>>,
  members: readonly string[],
): Readonly<Record<string, unknown>> {
  const changed = members.filter((name) => Array.isArray(content[name]));
  if (changed.length === 0) return content;
  return { ...content, ...Object.fromEntries(changed.map((name) => [name, emptyListAsObject(content[name])])) };
}
