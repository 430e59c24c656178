import { createHash } from "node:crypto";

/** The names by which filed letters are chosen. */
export type LetterName = "destination" | "object" | "source" | "code" | "key";

/** A name as it stands in its column: a hash, as in the filters of segments, so that it can be asked for and not read. */
export function hashedName(kind: LetterName, name: string): string {
  return createHash("sha256").update(`${kind}\n${name}`).digest("base64url").slice(0, 16);
}
