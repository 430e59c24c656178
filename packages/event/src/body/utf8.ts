import { UnreadableBodyError } from "./unreadable-body.ts";

/** Reads UTF-8 strictly; a byte order mark at its start is dropped. @throws UnreadableBodyError */
export function decodeUtf8(bytes: Uint8Array): string {
  return decode(STRICT, bytes);
}

/** Reads UTF-8 strictly and keeps a byte order mark: the text makes the same bytes again. @throws UnreadableBodyError */
export function decodeUtf8Whole(bytes: Uint8Array): string {
  return decode(WHOLE, bytes);
}

function decode(decoder: typeof STRICT, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new UnreadableBodyError("The body is not UTF-8", "Send the body encoded as UTF-8.", error);
  }
}

const STRICT = new TextDecoder("utf-8", { fatal: true });
const WHOLE = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
