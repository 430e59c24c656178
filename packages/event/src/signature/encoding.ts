import type { Encoding } from "../scheme.ts";

/**
 * Decodes strictly: the alphabet, the padding and the spare bits must be canonical, otherwise there
 * are no bytes. `Buffer.from(text, "hex")` stops at the first bad digit and "base64" skips what it
 * doesn't know; both would let two texts stand for one signature.
 */
export function decode(text: string, encoding: Encoding): Buffer | undefined {
  if (encoding === "hex") {
    return /^(?:[0-9a-fA-F]{2})+$/.test(text) ? Buffer.from(text, "hex") : undefined;
  }
  const bytes = Buffer.from(text, encoding);
  return bytes.length > 0 && bytes.toString(encoding) === text ? bytes : undefined;
}
