import { isObject, type Json } from "@sluice/event";

import { RULINGS } from "@sluice/zendesk";
import type { ShownJob } from "./job.ts";
import { MAX_ERROR_CODE_CHARACTERS, MAX_ERROR_TEXT_CHARACTERS } from "../../limits.ts";

/** A job's result for one item. */
export type ItemResult =
  | { readonly kind: "done" }
  /** A delete found nothing to delete. */
  | { readonly kind: "absent" }
  | {
      readonly kind: "refused";
      /** The status with which the item would have been answered alone. */
      readonly status: number;
      readonly code: string;
      readonly text: string;
      /** The job's own words. */
      readonly said: unknown;
    };

/**
 * A job's results for its items, in their order; undefined: no result, or contradicting ones. `items` are as they were sent: records
 * with their `external_id`, or external ids. A result belongs to the item whose external id it names, since an index alone could
 * count from one; without an id its `index` counts. The vendor's other jobs show that results may have neither: then they stand in
 * the items' order.
 */
export function readItemResults(
  { results }: Pick<ShownJob, "results">,
  items: readonly Json[],
): readonly (ItemResult | undefined)[] {
  const ids = items.map(externalIdOf);
  const indexed = results.some((result) => indexOf(result) !== undefined);
  const said: ItemResult[][] = items.map(() => []);
  for (const [place, result] of results.entries()) {
    const inOrder = indexed ? indexOf(result) : results.length === items.length ? place : undefined;
    const index = placeOf(externalIdOf(result), ids, inOrder);
    const read = readItemResult(result);
    if (index !== undefined && read !== undefined) said[index]?.push(read);
  }
  // An item with two results must have fared the same in both.
  return said.map(([first, ...others]) => (others.every(({ kind }) => kind === first?.kind) ? first : undefined));
}

/** The place of the item that a result belongs to. A destination may write an id in other letters than were sent, but not for another item. */
function placeOf(
  id: string | undefined,
  ids: readonly (string | undefined)[],
  inOrder: number | undefined,
): number | undefined {
  if (id === undefined) return inOrder;
  const sent = inOrder === undefined ? undefined : ids[inOrder];
  // One id may stand in a job twice.
  if (sent === id) return inOrder;
  const exact = ids.indexOf(id);
  if (exact !== -1) return exact;
  return sent === undefined || sent.toLowerCase() === id.toLowerCase() ? inOrder : undefined;
}

/**
 * Reads one result. An item has failed when its status says so, or when it has an error of any shape. An `id`, or the word for
 * success, is not to be relied on (§10).
 */
function readItemResult(result: unknown): ItemResult | undefined {
  if (!isObject(result)) return undefined;
  const { status, success, error, errors, details } = result;
  const listed = Array.isArray(errors) ? errors.filter(isObject) : [];
  const failed =
    (typeof status === "string" && status.toLowerCase() === "failed") ||
    success === false ||
    (error !== undefined && error !== null && error !== "") ||
    (Array.isArray(errors) && errors.length > 0);
  if (!failed) return typeof status === "string" || success === true ? { kind: "done" } : undefined;
  const first = listed[0] ?? (isObject(error) ? error : {});
  const code = textOf(first["code"]) ?? (typeof error === "string" ? error : undefined) ?? "ItemFailed";
  const texts = (listed.length > 0 ? listed : [first]).flatMap((each) => [
    textOf(each["title"]),
    textOf(each["detail"]) ?? textOf(each["message"]) ?? textOf(each["description"]),
  ]);
  const text = [...texts, textOf(details)].filter((each) => each !== undefined).join(": ");
  return ofFailure(
    codeOf(code, textOf(first["title"]) ?? "").slice(0, MAX_ERROR_CODE_CHARACTERS),
    textOf(first["title"]) ?? "",
    text.slice(0, MAX_ERROR_TEXT_CHARACTERS),
    result,
  );
}

/** The code of a refusal, the same whether the record was sent alone or among others: the vendor's code for items tells only the action. */
function codeOf(code: string, title: string): string {
  return /^CustomObjectRecord\w+Failed$/.test(code) && title === RULINGS.jobInvalidTitle ? "RecordInvalid" : code;
}

/** The result of a failed item. The code tells actions apart and the title failures (§10); the detail holds names of fields, so it decides nothing. */
function ofFailure(code: string, title: string, text: string, said: unknown): ItemResult {
  if (/delete/i.test(code) && /not found/i.test(title)) return { kind: "absent" };
  return { kind: "refused", status: statusOf(code, title), code, text, said };
}

/**
 * The status of a failed item. Most failures are the item's own fault. A few are of the moment, and a dead letter would be wrong: an
 * item whose failure sounds like a conflict or like trouble on the other side is tried again, and if it was its fault after all its
 * attempts end.
 */
function statusOf(code: string, title: string): number {
  if (code === RULINGS.staleFenceCode || code === RULINGS.staleStampCode) return 409;
  const said = `${code} ${title}`;
  if (/validation/i.test(title)) return 422;
  if (/conflict|\block(ed)?\b|concurren/i.test(said)) return 409;
  if (/time(d )?out|unavailable|internal|try again|temporar/i.test(said)) return 500;
  return 422;
}

function externalIdOf(item: unknown): string | undefined {
  const id = isObject(item) ? item["external_id"] : item;
  return typeof id === "string" ? id : typeof id === "number" ? String(id) : undefined;
}

function indexOf(result: unknown): number | undefined {
  const index = isObject(result) ? result["index"] : undefined;
  return typeof index === "number" && Number.isInteger(index) && index >= 0 ? index : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
