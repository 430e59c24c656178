import { createHash } from "node:crypto";

/** Tells settings apart, such as a destination's address or its credentials, and tells nobody what they are. */
export function markOf(settings: object): string {
  return createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 16);
}
