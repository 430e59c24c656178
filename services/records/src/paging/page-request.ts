import { ANSWERS, LIMITS, RULINGS, Refusal } from "@sluice/zendesk";
import { parameter } from "../request.ts";
import { unstorablePlaces } from "../storable.ts";

/** A place between two rows of a list: the value that the order goes by, and the id that decides among equals. */
export type RowPosition = { readonly value: string; readonly id: string };

/** Which part of a list is asked for. */
export type PageRequest<Order extends string = string> = {
  readonly order: Order;
  readonly descending: boolean;
  readonly size: number;
  /** The page behind `after`, or the one before `before`. */
  readonly after?: RowPosition;
  readonly before?: RowPosition;
};

/** The orders of a list, each with a check of a cursor's value, since anybody can make up a cursor. */
export type Orders<Order extends string> = {
  readonly values: Readonly<Record<Order, (text: string) => boolean>>;
  /** The order without `sort`. A leading minus turns it round. */
  readonly unlessAsked: Order | `-${Order}`;
  /** The orders that `sort` may name, if not all. */
  readonly sortable?: readonly Order[];
  readonly isId: (text: string) => boolean;
};

/** @throws Refusal 400 InvalidPaginationParameter */
export function readPageRequest<Order extends string>(
  parameters: URLSearchParams,
  orders: Orders<Order>,
): PageRequest<Order> {
  const { order, descending } = readSort(parameter(parameters, "sort"), orders);
  const after = parameter(parameters, "page[after]");
  const before = parameter(parameters, "page[before]");
  if (after !== null && before !== null) throw invalid("page[after] and page[before] can't both be given");
  const name = nameOf({ order, descending });
  return {
    order,
    descending,
    size: readSize(parameter(parameters, "page[size]"), LIMITS.pageSize),
    ...(after === null ? {} : { after: readPageCursor(after, name, orders.values[order], orders.isId) }),
    ...(before === null ? {} : { before: readPageCursor(before, name, orders.values[order], orders.isId) }),
  };
}

/** A cursor is opaque to clients; it says which order it belongs to. */
export function pageCursor({ value, id }: RowPosition, request: Pick<PageRequest, "order" | "descending">): string {
  return Buffer.from(JSON.stringify([nameOf(request), value, id])).toString("base64url");
}

/** @throws Refusal 400 InvalidPaginationParameter */
export function readPageCursor(
  cursor: string,
  order: string,
  isValue: (text: string) => boolean,
  isId: (text: string) => boolean,
): RowPosition {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    throw invalid("the cursor is not valid");
  }
  const [name, value, id] = Array.isArray(content) ? (content as unknown[]) : [];
  if (name !== order) throw invalid("the cursor does not belong to this order");
  if (
    unstorablePlaces(content).length > 0 ||
    typeof value !== "string" ||
    !isValue(value) ||
    typeof id !== "string" ||
    !isId(id)
  ) {
    throw invalid("the cursor is not valid");
  }
  return { value, id };
}

/** @throws Refusal 400 InvalidPaginationParameter */
export function readSize(text: string | null, most: number, unlessAsked: number = RULINGS.defaultPageSize): number {
  if (text === null || text === "") return unlessAsked;
  const size = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (size < 1 || size > most) throw invalid(`the page size is not between 1 and ${most}`);
  return size;
}

/** ISO text of a time that Postgres can compare. */
export function isIsoTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) && !Number.isNaN(Date.parse(text));
}

function readSort<Order extends string>(
  text: string | null,
  { values, unlessAsked, sortable }: Orders<Order>,
): { order: Order; descending: boolean } {
  const names = sortable ?? (Object.keys(values) as Order[]);
  const asked = text === null || text === "" ? unlessAsked : text;
  const order = names.find((name) => name === asked || `-${name}` === asked);
  if (order !== undefined) return { order, descending: asked.startsWith("-") };
  if (asked === unlessAsked) return { order: asked.replace(/^-/, "") as Order, descending: asked.startsWith("-") };
  throw invalid(`sort is not one of ${names.flatMap((name) => [name, `-${name}`]).join(", ")}`);
}

function nameOf({ order, descending }: Pick<PageRequest, "order" | "descending">): string {
  return `${descending ? "-" : ""}${order}`;
}

function invalid(detail: string): Refusal {
  return new Refusal(ANSWERS.invalidPagination(detail));
}
