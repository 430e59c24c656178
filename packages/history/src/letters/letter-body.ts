import { compress, decompressText } from "../store/compression.ts";
import { AlteredSegmentError, type SegmentPlace } from "../store/encryption.ts";
import type { HistoryDatabase } from "../store/connection.ts";

/** A letter holds one webhook at most. */
const MOST_BYTES = 512 * 1024 * 1024;

/** A letter's row: its text is good in this one alone. */
export type LetterRow = {
  readonly number: string;
  readonly id: string;
  readonly kept_micros: string;
  readonly at_ms: string;
};

export type LetterBody = { readonly destination: string; readonly text: string };

export async function packLetter(
  { encryption }: Pick<HistoryDatabase, "encryption">,
  row: LetterRow,
  body: LetterBody,
): Promise<Uint8Array> {
  const packed = await compress(Buffer.from(JSON.stringify([body.destination, body.text])));
  return encryption.seal(packed, placeOf(row));
}

/** @returns null: it is not what was written there, which is told. @throws MissingKeyError */
export async function openLetter(
  { encryption, onAltered }: Pick<HistoryDatabase, "encryption" | "onAltered">,
  row: LetterRow,
  body: Uint8Array,
): Promise<LetterBody | null> {
  try {
    const text = await decompressText(encryption.open(body, placeOf(row)), MOST_BYTES);
    const [destination, letter] = JSON.parse(text) as [string, string];
    return { destination, text: letter };
  } catch (error) {
    if (!(error instanceof AlteredSegmentError)) throw error;
    onAltered(error);
    return null;
  }
}

function placeOf({ number, id, kept_micros: kept, at_ms: at }: LetterRow): SegmentPlace {
  return { stream: `letter ${id}`, number, fromMicros: Number(kept), untilMicros: Number(at) * 1000 };
}
