import { RULINGS } from "@sluice/zendesk";
import { isIsoTime, type Orders, type RowPosition } from "../paging/page-request.ts";
import type { RecordRow } from "./record-row.ts";
import { ULID } from "./ulid.ts";

/** The orders of lists of records. Records are made in the order of their ids, so that one index serves both. */
export type RecordOrder = "id" | "updated_at" | "created_at" | "name" | "relevance";

/** The columns that an order goes by before the id; `relevance` is computed by the search. */
export const ORDER_COLUMNS: Readonly<Record<RecordOrder, { readonly sql: string; readonly type: string } | undefined>> =
  {
    id: undefined,
    created_at: undefined,
    updated_at: { sql: "updated_at", type: "timestamptz" },
    name: { sql: `name collate "C"`, type: "text" },
    relevance: { sql: "relevance", type: "numeric" },
  };

const anyText = () => true;
const isId = (text: string) => ULID.test(text);
const VALUES: Readonly<Record<RecordOrder, (text: string) => boolean>> = {
  id: anyText,
  created_at: anyText,
  updated_at: isIsoTime,
  name: anyText,
  relevance: (text) => /^\d{1,6}(\.\d{1,6})?$/.test(text),
};

/** `sort` of the list (§8.2). */
export const LIST_ORDERS: Orders<RecordOrder> = {
  values: VALUES,
  sortable: RULINGS.listSorts,
  unlessAsked: "id",
  isId,
};

/** `sort` of the searches (§8.6). */
export const SEARCH_ORDERS: Orders<RecordOrder> = {
  values: VALUES,
  sortable: RULINGS.searchSorts,
  unlessAsked: "-relevance",
  isId,
};

/** A record of a list, with its relevance where the order goes by that. */
export type ListedRow = RecordRow & { readonly relevance?: string };

/** Where a record stands in an order. */
export function placeIn(order: RecordOrder): (row: ListedRow) => RowPosition {
  switch (order) {
    case "id":
    case "created_at":
      return ({ id }) => ({ value: "", id });
    case "updated_at":
      return ({ updated_at, id }) => ({ value: updated_at.toISOString(), id });
    case "name":
      return ({ name, id }) => ({ value: name, id });
    case "relevance":
      return ({ relevance = "0", id }) => ({ value: relevance, id });
    default:
      return order satisfies never;
  }
}
