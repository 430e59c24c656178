import type { Json } from "@sluice/event";

/**
 * Which values of a row's fields clear them. `nulls`: null alone. `empty`: an empty text or list as well. `missing`: also no value at
 * all, because each event of the row carries all fields.
 */
export const CLEARS = ["nulls", "empty", "missing"] as const;
export type Clears = (typeof CLEARS)[number];

/** The value, or null where it clears its field; undefined leaves the field alone. */
export function clearedBy(clears: Clears, value: Json | undefined): Json | undefined {
  if (clears === "nulls") return value;
  if (value === undefined) return clears === "missing" ? null : undefined;
  const isEmpty = typeof value === "string" ? value.trim() === "" : Array.isArray(value) && value.length === 0;
  return isEmpty ? null : value;
}
