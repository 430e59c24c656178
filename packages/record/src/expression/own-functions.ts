import { isExact } from "@sluice/event";

/*
 * Functions of expressions beyond JSONata's. All of them leave a field alone whose member the event lacks, and clear it, with null, where
 * the member is empty.
 */

const DECIMAL = /^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee][-+]?[0-9]+)?$/;

/**
 * A number, where senders write it as text: nothing for nothing, null for null and for an empty text. Digits that no double can
 * hold stay text, since a rounded amount is another amount.
 * @throws a sentence
 */
function toNumber(value: unknown): unknown {
  if (value === undefined || typeof value === "number") return value;
  if (isEmpty(value)) return null;
  if (typeof value === "boolean") return Number(value);
  const text = typeof value === "string" ? value.trim() : "";
  if (!DECIMAL.test(text)) throw new Error(`$toNumber of ${shownOf(value)}, which is no number`);
  const number = Number(text);
  return Number.isFinite(number) && isExact(text) ? number : text;
}

/** The given texts with blanks between them: nothing where the event has none of them, null where all are empty. */
function words(...values: readonly unknown[]): unknown {
  const given = values.filter((value) => value !== undefined);
  const texts = given
    .filter((value) => value !== false && !isEmpty(value))
    .map((value) => textOf(value, "words").trim());
  if (texts.length > 0) return texts.join(" ");
  return given.length === 0 ? undefined : null;
}

/** The id of nothing, as Microsoft's systems write it. */
const NIL_GUID = "00000000-0000-0000-0000-000000000000";

/** An id with the name of its sender before it, such as another record's key: null where the id is empty, or the nil GUID. */
function prefixed(prefix: unknown, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (isEmpty(value) || value === false || value === NIL_GUID) return null;
  return `${textOf(prefix, "prefixed")}${textOf(value, "prefixed")}`;
}

/** The value as text, a number or a truth value too. */
function toText(value: unknown): unknown {
  if (value === undefined) return undefined;
  return isEmpty(value) ? null : textOf(value, "toText");
}

/** The day of a date or a time, as its sender calls it; nothing for a value that is no date, which costs the field and not the record. */
function toDate(value: unknown): unknown {
  if (value === undefined) return undefined;
  if (isEmpty(value) || value === false) return null;
  const text = typeof value === "string" ? value.trim() : "";
  const [, ms] = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/.exec(text) ?? [];
  const [day] = /^\d{4}-\d\d-\d\d(?=$|[T ])/.exec(text) ?? [];
  const at = new Date(ms === undefined ? `${day}T00:00:00Z` : Number(ms));
  if (Number.isNaN(at.getTime())) return undefined;
  const written = at.toISOString().slice(0, 10);
  return ms === undefined && written !== day ? undefined : written;
}

/** The value, or null for false and for empty texts and lists, as some senders write an empty field. */
function filledValue(value: unknown): unknown {
  return value === false || isEmpty(value) ? null : value;
}

function isEmpty(value: unknown): boolean {
  return (
    value === null || (typeof value === "string" && value.trim() === "") || (Array.isArray(value) && value.length === 0)
  );
}

/** @throws a sentence */
function textOf(value: unknown, of: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new Error(`$${of} of ${shownOf(value)}, which is neither a text nor a number`);
}

function shownOf(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 60);
}

export type OwnFunction = (...values: readonly unknown[]) => unknown;

/** The functions by the name under which expressions call them, without its dollar. */
export const OWN_FUNCTIONS: ReadonlyMap<string, OwnFunction> = new Map(
  Object.entries({ toNumber, words, prefixed, filled: filledValue, toText, toDate }),
);
