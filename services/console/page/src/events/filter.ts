import type { Question } from "../api/call.ts";

export type EventFilter = NonNullable<Question<"findEvents">["query"]>;

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
] as const satisfies readonly (keyof EventFilter)[];
export type FilterName = (typeof FILTERS)[number];

/** The filters that an address holds; an empty one is none. */
export function filterOf(query: Readonly<Record<string, string>>): Partial<Record<FilterName, string>> {
  return Object.fromEntries(FILTERS.flatMap((name) => (query[name] ? [[name, query[name]]] : [])));
}

/** `source erp, type customer.updated, since 2h`. */
export function filterText(filter: { readonly [Name in FilterName]?: string | undefined }): string {
  const parts = FILTERS.flatMap((name) => (filter[name] ? [`${name} ${filter[name]}`] : []));
  return parts.length === 0 ? "all events" : parts.join(", ");
}
