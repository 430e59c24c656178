import { SluiceError } from "@sluice/runtime";
import { readTimeOrAge, type DeadLetterFilter } from "@sluice/operator";

/** The dead letters that a command is about, by its options. Every filter that is given must hold. */
export type Filters = {
  readonly destination?: string;
  readonly object?: string;
  readonly source?: string;
  readonly code?: string;
  readonly key?: string;
  readonly since?: string;
  readonly until?: string;
};

/** The options of every command that chooses letters. */
export const FILTER_OPTIONS = [
  ["--destination <name>", "of this destination"],
  ["--object <key>", "of this custom object"],
  ["--source <name>", "that hold an event of this source"],
  ["--code <code>", "refused for this reason"],
  ["--key <text>", "of the record with this external id or name"],
  ["--since <time>", "since then: an RFC 3339 time, or how long ago, e.g. 2h"],
  ["--until <time>", "until then"],
] as const;

/**
 * @param nowMs the time that `2h` is counted back from, milliseconds since 1970
 * @throws SluiceError `option_invalid`
 */
export function filterFromOptions({ since, until, ...rest }: Filters, nowMs: number): DeadLetterFilter {
  return {
    ...rest,
    sinceMs: since === undefined ? undefined : instant("--since", since, nowMs),
    untilMs: until === undefined ? undefined : instant("--until", until, nowMs),
  };
}

export function hasFilter(filters: Filters): boolean {
  const { destination, object, source, code, key, since, until } = filters;
  return [destination, object, source, code, key, since, until].some((each) => each !== undefined);
}

/** The filters in words, as the options were given: "code mapping_failed, since 2h". */
export function describeFilters({ destination, object, source, code, key, since, until }: Filters): string {
  const given = Object.entries({ destination, object, source, code, key, since, until }).filter(
    ([, value]) => value !== undefined,
  );
  return given.length === 0 ? "all dead letters" : given.map(([name, value]) => `${name} ${value}`).join(", ");
}

function instant(option: string, text: string, nowMs: number): number {
  const atMs = readTimeOrAge(text, nowMs);
  if (atMs !== null) return atMs;
  throw new SluiceError(`${option} is ${JSON.stringify(text)}`, {
    code: "option_invalid",
    hint: "give an RFC 3339 time such as 2026-11-24T08:00:00Z, or how long ago: 30m, 2h, 7d",
  });
}
