import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** Encrypts what segments hold before it goes to the database. The names in their filters are hashes, and stay searchable. */
export type Encryption = {
  /** Encrypted with the first key, for this place alone; where there is none, as it is. */
  seal(body: Uint8Array, place: SegmentPlace): Uint8Array;
  /** Decrypted with the key that it names; what was never encrypted, as it is. @throws MissingKeyError, AlteredSegmentError */
  open(body: Uint8Array, place: SegmentPlace): Uint8Array;
};

/** The row in which a segment stands: a body is good in its own alone. */
export type SegmentPlace = {
  readonly stream: string;
  readonly number: string;
  readonly fromMicros: number;
  readonly untilMicros: number;
};

/** A part of the history is encrypted with a key that this process does not have. */
export class MissingKeyError extends Error {
  readonly code = "history_key_missing";

  constructor(id: string, options?: ErrorOptions) {
    super(`a part of the history can't be decrypted: no key of \`history.keys\` is ${id}, which encrypted it`, options);
    this.name = "MissingKeyError";
  }
}

/** The body of a segment was changed, or stood in another row, or its row's times were changed. */
export class AlteredSegmentError extends Error {
  readonly code = "history_altered";
  readonly hint = "look at who may write to the history's database; nothing of the segment is told, and all else is";

  constructor({ stream, number, fromMicros, untilMicros }: SegmentPlace, options?: ErrorOptions) {
    const place = `segment ${number} of the history (${stream}, ${fromMicros} to ${untilMicros} µs)`;
    super(`${place} is not what was written there: it was changed, or is the copy of another one`, options);
    this.name = "AlteredSegmentError";
  }
}

const CIPHER = "aes-256-gcm";
/** Tells an encrypted body from a compressed one, which begins with zstd's own mark. */
const MARK = Buffer.from("SLE2");
/** Bodies that an earlier release encrypted: they are good in any row. */
const MARK_WITHOUT_PLACE = Buffer.from("SLE1");
const ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param keys of 32 bytes each; the first encrypts, all of them decrypt */
export function createEncryption(keys: readonly Uint8Array[]): Encryption {
  const byId = new Map(keys.map((key) => [idOf(key), key]));
  const [first] = keys;
  return {
    seal(body, place) {
      if (first === undefined) return body;
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, first, nonce).setAAD(nameOf(place));
      const sealed = [cipher.update(body), cipher.final()];
      return Buffer.concat([MARK, Buffer.from(idOf(first), "hex"), nonce, ...sealed, cipher.getAuthTag()]);
    },
    open(body, place) {
      const mark = body.subarray(0, MARK.length);
      const isBound = MARK.equals(mark);
      if (!isBound && !MARK_WITHOUT_PLACE.equals(mark)) return body;
      const sealed = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      const nonceAt = MARK.length + ID_BYTES;
      const textAt = nonceAt + NONCE_BYTES;
      const id = sealed.toString("hex", MARK.length, nonceAt);
      const key = byId.get(id);
      if (key === undefined) throw new MissingKeyError(id);
      try {
        const decipher = createDecipheriv(CIPHER, key, sealed.subarray(nonceAt, textAt));
        if (isBound) decipher.setAAD(nameOf(place));
        decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
        return Buffer.concat([decipher.update(sealed.subarray(textAt, -TAG_BYTES)), decipher.final()]);
      } catch (error) {
        throw new AlteredSegmentError(place, { cause: error });
      }
    },
  };
}

function nameOf({ stream, number, fromMicros, untilMicros }: SegmentPlace): Buffer {
  return Buffer.from([stream, number, fromMicros, untilMicros].join(" "));
}

/** A key's name, which tells nothing of the key. */
function idOf(key: Uint8Array): string {
  return createHash("sha256")
    .update("sluice history key\n")
    .update(key)
    .digest("hex")
    .slice(0, 2 * ID_BYTES);
}
