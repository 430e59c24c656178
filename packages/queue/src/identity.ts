import { hash } from "node:crypto";
import type { Json } from "@sluice/event";
import type { RecordKey } from "@sluice/record";

/** A record's short name inside its lane: 22 characters, because Redis keeps it several times. */
export function recordId(object: string, key: RecordKey): string {
  return digest(16, object, key.by, key.value).toString("base64url");
}

/** What is remembered of an event on a record to know it again: 12 bytes. */
export function eventDigest(source: string, eventId: string, recordOrPlace: string): Buffer {
  return digest(12, source, eventId, recordOrPlace);
}

/** What is remembered of a confirmed value, to know it again: 8 bytes. */
export function valueDigest(value: Json): Buffer {
  return digest(8, JSON.stringify(value));
}

function digest(bytes: number, ...parts: readonly string[]): Buffer {
  // The length before each part keeps ("ab", "c") and ("a", "bc") apart.
  const text = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join("");
  return hash("sha256", text, "buffer").subarray(0, bytes);
}
