import type { ReadBack, StoredRecord } from "@sluice/destination";
import type { Json } from "@sluice/event";
import { LIMITS } from "../limits.ts";

/** `returned`: it was deleted, and is there again. */
export type FindingKind = "missing" | "different" | "returned";

/** A field that shows another value than the one that was confirmed. */
export type DifferentField = { readonly field: string; readonly confirmed: Json; readonly found: unknown };

export type Comparison =
  | { readonly kind: "same" }
  | { readonly kind: FindingKind; readonly fields: readonly DifferentField[] };

/**
 * Compares a record with what was confirmed of it.
 * @param confirmed the values by field, as far as they are known; null: it was deleted
 * @param stored null: the destination has no such record
 */
export function compareRecord(
  confirmed: ReadonlyMap<string, Json> | null,
  stored: StoredRecord | null,
  holds: ReadBack["holds"],
): Comparison {
  if (confirmed === null) return stored === null ? { kind: "same" } : { kind: "returned", fields: [] };
  if (stored === null) return { kind: "missing", fields: [] };
  const fields = [...confirmed].flatMap(([field, value]): DifferentField[] => {
    const found = stored.fields.get(field);
    return holds(found, value) ? [] : [{ field, confirmed: value, found: found ?? null }];
  });
  return fields.length === 0 ? { kind: "same" } : { kind: "different", fields };
}

/** Whether somebody else changed a record since our last write of it ended; null: the destination does not say. */
export function isEditedThere({ changedAtMs }: Pick<StoredRecord, "changedAtMs">, lastEndedMs: number): boolean | null {
  return changedAtMs === null ? null : changedAtMs > lastEndedMs + LIMITS.clocksApartMs;
}
