/** A value as a cell of a table holds it: 40 characters at most. */
export function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
