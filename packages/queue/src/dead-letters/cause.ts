import { createHash } from "node:crypto";
import type { DeadLetter } from "./dead-letter.ts";

/** The destination in the intake's letters, which belong to no lane. */
export const INTAKE = "intake";

/** The id of a letter's cause: letters that differ only in the record or event that they are about have the same. */
export function causeOf({ destination, object, reason, mapping }: DeadLetter): string {
  const parts = [
    destination,
    destination === INTAKE ? "" : object,
    reason.code,
    mapping?.place ?? "",
    shape(reason.message),
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 16);
}

/** A message without its quoted texts, numbers and long words that name one record. */
export function shape(message: string): string {
  return message
    .replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, "…")
    .replaceAll(/[\w-]*\d[\w-]*/g, "…")
    .replaceAll(/\s+/g, " ")
    .slice(0, 200);
}
