import type { Configuration } from "./configuration.ts";

/** The sources of a destination with their shares of its requests; none, where all are alike. */
export function sharesOf(
  { sources }: Pick<Configuration, "sources">,
  destination: string,
): ReadonlyMap<string, number> {
  const senders = [...sources.values()].filter(({ mappings }) =>
    mappings.some((mapping) => mapping.destination === destination),
  );
  const alike = senders.every(({ share }) => share === senders[0]?.share);
  return new Map(alike ? [] : senders.map(({ name, share }) => [name, share]));
}
