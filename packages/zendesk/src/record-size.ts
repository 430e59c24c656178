import type { Json } from "@sluice/event";
import { LIMITS } from "./limits.ts";

/** The part of a record that counts towards its size. */
type MeasuredRecord = {
  readonly name?: string | null;
  readonly custom_object_fields: Readonly<Record<string, Json>>;
};

/**
 * How many bytes too long a record is, measured on its JSON in UTF-8 (§14); 0: it fits. The sent part may fit where the whole
 * record does not: only the destination knows that.
 */
export function bytesOverLimit(record: MeasuredRecord): number {
  return Math.max(0, Buffer.byteLength(JSON.stringify(record)) - LIMITS.recordBytes);
}
