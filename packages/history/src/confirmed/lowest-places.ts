/** Keeps the entries of the lowest places. @returns the highest that is left; null: all are left */
export function keepLowest<Entry>(entries: Map<string, Entry>, most: number): string | null {
  if (entries.size <= most) return null;
  const places = [...entries.keys()].toSorted();
  for (const place of places.slice(most)) entries.delete(place);
  return places[most - 1]!;
}
