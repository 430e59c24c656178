import type { Request } from "express";
import { baseOf } from "../origin.ts";
import { pageCursor, type PageRequest, type RowPosition } from "./page-request.ts";

/** Rows of a list, as they were asked for. */
export type PageRows<Row> = {
  readonly rows: readonly Row[];
  /** Whether there are more in the direction that was asked for. */
  readonly hasMore: boolean;
};

/** `meta` and `links` (§11). `has_more` speaks of the direction that was asked for. */
export function pageAnswer<Row>(
  { rows, hasMore }: PageRows<Row>,
  page: PageRequest,
  placeOf: (row: Row) => RowPosition,
  { request, parameters, path, nextOnLastPage = false }: LinkFacts,
): object {
  const backwards = page.before !== undefined;
  const first = rows[0];
  const last = rows.at(-1);
  const cursor = (row: Row) => pageCursor(placeOf(row), page);
  // A page reached from behind has a next page: the one that was left.
  const next = last !== undefined && (backwards || hasMore || nextOnLastPage) ? cursor(last) : null;
  const previous = first !== undefined && (backwards ? hasMore : page.after !== undefined) ? cursor(first) : null;
  const link = (name: string, at: string | null) => {
    if (at === null) return null;
    const linked = new URLSearchParams(parameters);
    linked.delete("page[after]");
    linked.delete("page[before]");
    linked.set(name, at);
    return `${baseOf(request)}/${path}.json?${linked.toString()}`;
  };
  return {
    meta: { has_more: hasMore, after_cursor: next, before_cursor: first === undefined ? null : cursor(first) },
    links: { next: link("page[after]", next), prev: link("page[before]", previous) },
  };
}

export type LinkFacts = {
  readonly request: Request;
  /** The query's parameters, which links keep. */
  readonly parameters: URLSearchParams;
  /** The list's path behind the base of the API, without `.json`. */
  readonly path: string;
  readonly nextOnLastPage?: boolean | undefined;
};

/** A page of a list that is in memory whole: the fields of an object, at most a hundred. */
export function sliceOf<Row>(all: readonly Row[], page: PageRequest, idOf: (row: Row) => string): PageRows<Row> {
  const at = (place: RowPosition) => all.findIndex((row) => idOf(row) === place.id);
  if (page.before !== undefined) {
    const end = Math.max(0, at(page.before));
    const start = Math.max(0, end - page.size);
    return { rows: all.slice(start, end), hasMore: start > 0 };
  }
  const start = page.after === undefined ? 0 : at(page.after) + 1;
  return { rows: all.slice(start, start + page.size), hasMore: all.length > start + page.size };
}
