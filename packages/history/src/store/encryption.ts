import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** Encrypts what segments hold before it goes to the database. The names in their filters are hashes, and stay searchable. */
export type Encryption = {
  /** Encrypted with the first key; where there is none, as it is. */
  seal(body: Uint8Array): Uint8Array;
  /** Decrypted with the key that it names; what was never encrypted, as it is. @throws MissingKeyError */
  open(body: Uint8Array): Uint8Array;
};

/** A part of the history is encrypted with a key that this process does not have. */
export class MissingKeyError extends Error {
  readonly code = "history_key_missing";

  constructor(id: string, options?: ErrorOptions) {
    super(`a part of the history can't be decrypted: no key of \`history.keys\` is ${id}, which encrypted it`, options);
    this.name = "MissingKeyError";
  }
}

const CIPHER = "aes-256-gcm";
/** Tells an encrypted body from a compressed one, which begins with zstd's own mark. */
const MARK = Buffer.from("SLE1");
const ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param keys of 32 bytes each; the first encrypts, all of them decrypt */
export function createEncryption(keys: readonly Uint8Array[]): Encryption {
  const byId = new Map(keys.map((key) => [idOf(key), key]));
  const [first] = keys;
  return {
    seal(body) {
      if (first === undefined) return body;
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, first, nonce);
      const sealed = [cipher.update(body), cipher.final()];
      return Buffer.concat([MARK, Buffer.from(idOf(first), "hex"), nonce, ...sealed, cipher.getAuthTag()]);
    },
    open(body) {
      if (!MARK.equals(body.subarray(0, MARK.length))) return body;
      const sealed = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      const nonceAt = MARK.length + ID_BYTES;
      const textAt = nonceAt + NONCE_BYTES;
      const id = sealed.toString("hex", MARK.length, nonceAt);
      const key = byId.get(id);
      if (key === undefined) throw new MissingKeyError(id);
      const decipher = createDecipheriv(CIPHER, key, sealed.subarray(nonceAt, textAt));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(textAt, -TAG_BYTES)), decipher.final()]);
    },
  };
}

/** A key's name, which tells nothing of the key. */
function idOf(key: Uint8Array): string {
  return createHash("sha256")
    .update("sluice history key\n")
    .update(key)
    .digest("hex")
    .slice(0, 2 * ID_BYTES);
}
