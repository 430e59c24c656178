import { RULINGS } from "../rulings.ts";
import type { JobStatus } from "./job.ts";

/** What a job says of one item. */
export type ItemResult =
  | { readonly kind: "done" }
  /** A delete found nothing to delete. */
  | { readonly kind: "absent" }
  | {
      readonly kind: "refused";
      /** What the same item would have been answered with alone. */
      readonly status: number;
      readonly code: string;
      readonly text: string;
      /** As the job says it. */
      readonly said: unknown;
    };

/**
 * The results of a job in the order of its items; undefined: the job says nothing of that one. Results name their item by
 * `index`; the vendor's other jobs show that they may do without, then they stand in the items' order.
 */
export function readItemResults(
  { results }: Pick<JobStatus, "results">,
  items: number,
): readonly (ItemResult | undefined)[] {
  const read: (ItemResult | undefined)[] = Array.from({ length: items });
  const indexed = results.some((result) => indexOf(result) !== undefined);
  for (const [place, result] of results.entries()) {
    const index = indexed ? indexOf(result) : results.length === items ? place : undefined;
    if (index !== undefined && index < items) read[index] = readItemResult(result);
  }
  return read;
}

/**
 * An item has failed when its status says so, or when it has an error of any shape. That it has an `id`, or which word its
 * success has, is not to be relied on (§10).
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
  return ofFailure(code, textOf(first["title"]) ?? "", text, result);
}

/** The code tells actions apart and the title failures (§10); the detail holds names of fields, so it decides nothing. */
function ofFailure(code: string, title: string, text: string, said: unknown): ItemResult {
  if (/delete/i.test(code) && /not found/i.test(title)) return { kind: "absent" };
  return { kind: "refused", status: statusOf(code, title), code, text, said };
}

/**
 * Most failures of an item are its own fault. A few are of the moment, and a dead letter would be wrong: what sounds like
 * a conflict or like trouble on the other side comes again, and if it was the item's fault after all its attempts end.
 */
function statusOf(code: string, title: string): number {
  if (code === RULINGS.staleFenceCode) return 409;
  const said = `${code} ${title}`;
  if (/validation/i.test(title)) return 422;
  if (/conflict|\block(ed)?\b|concurren/i.test(said)) return 409;
  if (/time(d )?out|unavailable|internal|try again|temporar/i.test(said)) return 500;
  return /not found/i.test(title) ? 404 : 422;
}

function indexOf(result: unknown): number | undefined {
  const index = isObject(result) ? result["index"] : undefined;
  return typeof index === "number" && Number.isInteger(index) && index >= 0 ? index : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
