import { nearest } from "@sluice/event";
import { namesIn } from "@sluice/record";
import type { SourceConfiguration } from "./configuration.ts";

/** A type as it came in lately: how many of its events ended in each way. */
type Seen = {
  readonly type: string;
  readonly made: number;
  readonly duplicate: number;
  readonly ignored: number;
  readonly dead: number;
};

/**
 * The types that nobody thought of: every event of them was ignored, no condition of the source's rows names them, and `unmapped` does
 * not say that this is meant.
 */
export function unknownTypes<S extends Seen>(
  source: Pick<SourceConfiguration, "mappings" | "unmapped">,
  seen: readonly S[],
): readonly S[] {
  const named = new Set(namedTypes(source));
  const isMeant = (type: string): boolean =>
    source.unmapped.some((each) => (each.endsWith("*") ? type.startsWith(each.slice(0, -1)) : type === each));
  return seen.filter(
    ({ type, made, duplicate, ignored, dead }) =>
      ignored > 0 && made + duplicate + dead === 0 && !named.has(type) && !isMeant(type),
  );
}

/** Types that the source's rows name and that somebody may take for this one: a near spelling, or a type that begins like it. */
export function typesLike(source: Pick<SourceConfiguration, "mappings">, type: string): readonly string[] {
  const named = [...new Set(namedTypes(source))];
  const near = nearest(type, named);
  const first = firstWord(type);
  return near.length > 0 ? near : named.filter((each) => firstWord(each) === first).slice(0, MOST_ALIKE);
}

const MOST_ALIKE = 3;

function firstWord(type: string): string {
  return /^[^./:_-]*/.exec(type)?.[0] ?? type;
}

/** Texts with which a row's conditions compare `type`. */
function namedTypes({ mappings }: Pick<SourceConfiguration, "mappings">): readonly string[] {
  return mappings
    .flatMap(({ when, fetch }) => [when, fetch?.when ?? null])
    .flatMap((expression) => (expression === null ? [] : namesIn(expression).comparisons))
    .flatMap(({ path, values }) => (path.length === 1 && path[0] === "type" ? values : []))
    .filter((value) => typeof value === "string");
}
