import { UnreadableBodyError } from "./unreadable-body.ts";

/** Reads UTF-8 strictly; a byte order mark at its start is dropped. @throws UnreadableBodyError */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes);
  } catch (error) {
    throw new UnreadableBodyError("The body is not UTF-8", "Send the body encoded as UTF-8.", error);
  }
}

const STRICT = new TextDecoder("utf-8", { fatal: true });
