import {
  createHash,
  createHmac,
  createPrivateKey,
  sign as signWithKey,
  timingSafeEqual,
  verify as verifyWithKey,
  type KeyObject,
} from "node:crypto";
import type { Key } from "./key.ts";
import type { Algorithm } from "../scheme.ts";

/** Whether one of the signatures is the content's, by this key and this algorithm. MACs are compared in constant time, all of them. */
export function proves(alg: Algorithm, key: Key, content: Uint8Array, signatures: readonly Buffer[]): boolean {
  if (key.kind === "public") {
    return signatures.some((signature) => key.keys.some((each) => isSignedBy(alg, each, content, signature)));
  }
  // A key of the other kind would make its public text the secret of a MAC.
  if (hashOf(alg) !== undefined) return false;
  const expected = digestOf(alg, key.key, content);
  let matches = false;
  for (const signature of signatures) {
    if (signature.length === expected.length && timingSafeEqual(signature, expected)) matches = true;
  }
  return matches;
}

/**
 * The digest that a MAC, or a hash over a content with the secret in it, comes to.
 * @throws TypeError for an algorithm with a private key
 */
export function digestOf(alg: Algorithm, key: KeyObject, content: Uint8Array): Buffer {
  switch (alg) {
    case "hmac-sha1":
    case "hmac-sha256":
    case "hmac-sha512":
      return createHmac(alg.slice("hmac-".length), key).update(content).digest();
    case "sha256":
      return createHash("sha256").update(content).digest();
    case "ed25519":
    case "rsa-sha1":
    case "rsa-sha256":
      throw new TypeError(`${alg} signs with a private key and has no digest to compare`);
  }
}

/** The signature by a private key; undefined where the secret is none in PEM: a public key only verifies. */
export function byPrivateKey(alg: Algorithm, content: Uint8Array, secret: string): Buffer | undefined {
  const hash = hashOf(alg);
  if (hash === undefined) return undefined;
  try {
    return signWithKey(hash, content, createPrivateKey(secret));
  } catch {
    return undefined;
  }
}

/** The hash that Node signs with under a private key, null where the key itself says it; undefined for what has no private key. */
function hashOf(alg: Algorithm): string | null | undefined {
  switch (alg) {
    case "rsa-sha1":
      return "RSA-SHA1";
    case "rsa-sha256":
      return "RSA-SHA256";
    case "ed25519":
      return null;
    case "hmac-sha1":
    case "hmac-sha256":
    case "hmac-sha512":
    case "sha256":
      return undefined;
  }
}

function isSignedBy(alg: Algorithm, key: KeyObject, content: Uint8Array, signature: Buffer): boolean {
  const hash = hashOf(alg);
  // The key's own type must be the scheme's, or another algorithm would be tried in its place.
  if (hash === undefined || key.asymmetricKeyType !== (hash === null ? "ed25519" : "rsa")) return false;
  return verifyWithKey(hash, content, key, signature);
}
