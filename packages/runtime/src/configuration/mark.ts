import { createHash } from "node:crypto";

/** A mark that tells settings apart, such as a destination's address or its credentials, and tells nobody what they are. */
export function markOf(settings: object): string {
  return createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 16);
}
