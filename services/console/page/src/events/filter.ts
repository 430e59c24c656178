import type { QuestionOf } from "../api/call.ts";

export type EventQuery = NonNullable<QuestionOf<"findEvents">["query"]>;

/** The filters of events, in the order in which they are told. */
export const FILTERS = [
  "key",
  "event",
  "text",
  "source",
  "type",
  "outcome",
  "code",
  "destination",
  "object",
  "since",
  "until",
] as const satisfies readonly (keyof EventQuery)[];
export type FilterName = (typeof FILTERS)[number];

/** The filters that an address holds; an empty one is none. */
export function filtersFromQuery(query: Readonly<Record<string, string>>): Partial<Record<FilterName, string>> {
  return Object.fromEntries(FILTERS.flatMap((name) => (query[name] ? [[name, query[name]]] : [])));
}

/** `source erp, type customer.updated, since 2h`. */
export function filterText(filter: { readonly [Name in FilterName]?: string | undefined }): string {
  const parts = FILTERS.flatMap((name) => (filter[name] ? [`${name} ${shown(filter[name])}`] : []));
  return parts.length === 0 ? "all events" : parts.join(", ");
}

/** A time as people read it; anything else as it is. */
function shown(value: string): string {
  return /^\d{4}-\d\d-\d\dT.*Z$/.test(value) ? value.replace("T", " ").replace(/(?:\.\d+)?Z$/, " UTC") : value;
}
