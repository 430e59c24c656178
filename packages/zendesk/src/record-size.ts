import type { Json } from "@sluice/event";
import { LIMITS } from "./limits.ts";

/** What of a record counts towards its size. */
type MeasuredRecord = {
  readonly name?: string | null;
  readonly custom_object_fields: Readonly<Record<string, Json>>;
};

/**
 * How many bytes too long a record is, measured on its JSON in UTF-8 (§14); 0: it fits. What is sent may fit and the whole
 * record that it changes may not: that only the destination knows.
 */
export function bytesOverLimit(record: MeasuredRecord): number {
  return Math.max(0, Buffer.byteLength(JSON.stringify(record)) - LIMITS.recordBytes);
}
