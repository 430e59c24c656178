import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { decode } from "./encoding.ts";
import { decodeEntities } from "./entities.ts";
import { LIMITS } from "../limits.ts";
import type { MembersCheck, SignatureCheck } from "../scheme.ts";

/** A secret as a key: that of a MAC (made once, since Node makes bytes into a key anew for each request), or the public keys of a signature. */
export type Key =
  | { readonly kind: "secret"; readonly key: KeyObject }
  | { readonly kind: "public"; readonly keys: readonly KeyObject[] };

/** A check with the form of its secrets. */
type KeyedCheck = MembersCheck | SignatureCheck;

const READERS = new WeakMap<KeyedCheck, (secret: string) => Key | undefined>();

/** Reads a secret as a key; undefined where it does not look like the scheme's keys: such a secret never matches. */
export function readSecretKey(check: KeyedCheck, secret: string): Key | undefined {
  let reader = READERS.get(check);
  if (reader === undefined) {
    reader = remember((text) => computeKey(check, text), LIMITS.maxKeptKeys);
    READERS.set(check, reader);
  }
  return reader(secret);
}

function computeKey(check: KeyedCheck, secret: string): Key | undefined {
  const { keyPrefix, secretEntities }: Partial<SignatureCheck> = check.type === "members" ? {} : check;
  const text = withoutPrefix(secretEntities === true ? decodeEntities(secret) : secret, keyPrefix);
  if (check.key === "pem-bundle") return publicKeys(text);
  const bytes = keyBytes(text, check.key);
  // An empty key would make every signature one that anybody can compute.
  if (bytes === undefined || bytes.length === 0) return undefined;
  return check.alg === "ed25519" ? ed25519Key(bytes) : { kind: "secret", key: createSecretKey(bytes) };
}

/** The text without its prefix, which may have a version before it, as in `v1,whsec_…` (standard-webhooks#235). */
function withoutPrefix(text: string, prefix: string | undefined): string {
  if (prefix === undefined) return text;
  const key = text.replace(/^v1a?,/, "");
  return key.startsWith(prefix) ? key.slice(prefix.length) : text;
}

function keyBytes(text: string, form: "utf8" | "base64" | "hex"): Buffer | undefined {
  if (form === "utf8") return Buffer.from(text, "utf8");
  if (form === "hex") return decode(text, "hex");
  // People lose the padding when they paste. The key is theirs, so missing padding is forgiven.
  return decode(text.padEnd(Math.ceil(text.length / 4) * 4, "="), "base64");
}

function ed25519Key(bytes: Buffer): Key | undefined {
  if (bytes.length !== 32) return undefined;
  const jwk = { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") };
  return { kind: "public", keys: [createPublicKey({ key: jwk, format: "jwk" })] };
}

const PEM = /-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g;

function publicKeys(text: string): Key | undefined {
  const keys: KeyObject[] = [];
  for (const [pem] of text.matchAll(PEM)) {
    try {
      keys.push(createPublicKey(pem));
    } catch {
      return undefined;
    }
  }
  return keys.length > 0 ? { kind: "public", keys } : undefined;
}

/**
 * A function that remembers its answers. It forgets the oldest answer when there are too many: the
 * arguments are secrets from a configuration, of which there are few, or texts that a test makes up.
 */
function remember<Answer>(compute: (text: string) => Answer, limit: number): (text: string) => Answer {
  const answers = new Map<string, Answer>();
  return (text) => {
    if (!answers.has(text)) {
      const [oldest] = answers.size >= limit ? answers.keys() : [];
      if (oldest !== undefined) answers.delete(oldest);
      answers.set(text, compute(text));
    }
    return answers.get(text) as Answer;
  };
}
