import { hash } from "node:crypto";

/** The bytes that a hash takes in at once. */
const BLOCK_BYTES = { sha1: 64, sha256: 64, sha512: 128 } as const;

export type HashName = keyof typeof BLOCK_BYTES;

/** Gives a content's HMAC (RFC 2104) under one key. */
export type Hmac = (name: HashName, content: Uint8Array) => Buffer;

/**
 * A HMAC, put together from two hashes that Node computes in one go each. For Node's own `createHmac` OpenSSL sets an object up for each
 * content, which takes longer than to hash an ordinary body.
 */
export function hmacOf(key: Uint8Array): Hmac {
  const pads = { sha1: padsOf("sha1", key), sha256: padsOf("sha256", key), sha512: padsOf("sha512", key) };
  return (name, content) => {
    const { inner, outer } = pads[name];
    return digest(name, Buffer.concat([outer, digest(name, Buffer.concat([inner, content]))]));
  };
}

/** A digest that is asked for as bytes gets memory outside of the heap, which takes longer than its way through a text. */
export function digest(name: HashName, content: Uint8Array): Buffer {
  return Buffer.from(hash(name, content, "binary"), "binary");
}

/** The key as it goes before the content, and before the digest of both. */
function padsOf(name: HashName, key: Uint8Array): { readonly inner: Buffer; readonly outer: Buffer } {
  const block = Buffer.alloc(BLOCK_BYTES[name]);
  block.set(key.length > block.length ? digest(name, key) : key);
  return { inner: block.map((byte) => byte ^ 0x36) as Buffer, outer: block.map((byte) => byte ^ 0x5c) as Buffer };
}
