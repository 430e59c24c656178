import { hash } from "node:crypto";
import type { Json } from "@sluice/event";
import type { RecordKey } from "@sluice/record";

/** A record's short name inside its lane: 22 characters, because Redis keeps it several times. */
export function recordId(object: string, key: RecordKey): string {
  return digest(16, object, key.by, key.value).toString("base64url");
}

/** The digest by which an event on a record is known again: 12 bytes, of which the seen entries keep nine. */
export function eventDigest(source: string, eventId: string, recordOrPlace: string): Buffer {
  return digest(12, source, eventId, recordOrPlace);
}

/** The digest by which a confirmed value is known again: 8 bytes. */
export function valueDigest(value: Json): Buffer {
  return digest(8, JSON.stringify(value));
}

function digest(bytes: number, ...parts: readonly string[]): Buffer {
  // The length before each part keeps ("ab", "c") and ("a", "bc") apart.
  const text = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join("");
  return hash("sha256", text, "buffer").subarray(0, bytes);
}

/** Bytes of an event's id that a pending change keeps, to name it in a dead letter: a UUID as it is. */
const EVENT_ID_BYTES = 36;

export function shortEventId(id: string): string {
  if (Buffer.byteLength(id) <= EVENT_ID_BYTES) return id;
  // A character cut in two would decode to a replacement.
  return `${Buffer.from(id)
    .subarray(0, EVENT_ID_BYTES - 3)
    .toString("utf8")
    .replace(/\uFFFD+$/, "")}…`;
}
