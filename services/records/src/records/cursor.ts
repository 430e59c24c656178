import { ANSWERS, LIMITS, RULINGS, Refusal } from "@sluice/zendesk";
import { parameter } from "../request.ts";
import { ULID } from "./ulid.ts";

/** `sort=` of the list (§8.2). */
export type Sort = { readonly column: "id" | "updated_at"; readonly descending: boolean };

/** A place between two records of a list. */
export type Cursor = { readonly updatedAtMs: number; readonly id: string };

/** Which part of a list is asked for. */
export type PageRequest = {
  readonly sort: Sort;
  readonly size: number;
  /** The page behind `after`, or the one before `before`. */
  readonly after?: Cursor;
  readonly before?: Cursor;
};

/** @throws Refusal 400 InvalidPaginationParameter */
export function readPageRequest(query: URLSearchParams): PageRequest {
  const sort = readSort(parameter(query, "sort"));
  const after = parameter(query, "page[after]");
  const before = parameter(query, "page[before]");
  if (after !== null && before !== null) throw invalid("page[after] and page[before] can't both be given");
  return {
    sort,
    size: readSize(parameter(query, "page[size]")),
    ...(after === null ? {} : { after: decodeCursor(after, sort) }),
    ...(before === null ? {} : { before: decodeCursor(before, sort) }),
  };
}

/** Opaque to clients; says which order it belongs to. */
export function encodeCursor({ updatedAtMs, id }: Cursor, sort: Sort): string {
  return Buffer.from(JSON.stringify([nameOf(sort), updatedAtMs, id])).toString("base64url");
}

function decodeCursor(text: string, sort: Sort): Cursor {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    throw invalid("the cursor is not valid");
  }
  const [order, updatedAtMs, id] = Array.isArray(content) ? (content as unknown[]) : [];
  if (order !== nameOf(sort)) throw invalid("the cursor does not belong to this order");
  if (typeof id !== "string" || !ULID.test(id)) throw invalid("the cursor is not valid");
  // Beyond this a Date has no ISO text.
  if (typeof updatedAtMs !== "number" || !Number.isSafeInteger(updatedAtMs) || Math.abs(updatedAtMs) > 8.64e15) {
    throw invalid("the cursor is not valid");
  }
  return { updatedAtMs, id };
}

function readSort(text: string | null): Sort {
  const name = text === null || text === "" ? "id" : text;
  const descending = name.startsWith("-");
  const column = descending ? name.slice(1) : name;
  if (column !== "id" && column !== "updated_at") {
    throw invalid(`sort is not one of ${RULINGS.listSorts.flatMap((each) => [each, `-${each}`]).join(", ")}`);
  }
  return { column, descending };
}

function readSize(text: string | null): number {
  if (text === null || text === "") return RULINGS.defaultPageSize;
  const size = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (size < 1 || size > LIMITS.pageSize) throw invalid(`page[size] is not between 1 and ${LIMITS.pageSize}`);
  return size;
}

function nameOf({ column, descending }: Sort): string {
  return `${descending ? "-" : ""}${column}`;
}

function invalid(detail: string): Refusal {
  return new Refusal(ANSWERS.invalidPagination(detail));
}
