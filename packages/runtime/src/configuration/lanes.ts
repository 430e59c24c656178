import type { Configuration } from "./configuration.ts";

/** The names of all lanes: one for each destination, and one for the fetches of each source that has any. */
export function laneNames({ destinations, sources }: Configuration): readonly string[] {
  return [...destinations.keys(), ...[...sources.values()].flatMap(({ fetch }) => fetch?.name ?? [])];
}

/** How many lanes each destination begins with. */
export function laneCounts({ destinations }: Configuration): ReadonlyMap<string, number> {
  return new Map([...destinations.values()].map(({ name, lanes }) => [name, lanes]));
}

/** The lane on which a source's fetches wait. */
export function fetchLane(source: string): string {
  return `fetch:${source}`;
}
