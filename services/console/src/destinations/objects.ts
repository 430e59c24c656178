import type { Configuration } from "@sluice/runtime";

/** The objects of a destination that rows write. */
export function objectsOf({ sources }: Configuration, destination: string): string[] {
  const mappings = [...sources.values()].flatMap((source) => source.mappings);
  return [
    ...new Set(mappings.filter((each) => each.destination === destination).map(({ object }) => object)),
  ].toSorted();
}
