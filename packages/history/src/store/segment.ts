import { LIMITS } from "../limits.ts";
import { compress, compressHere, decompressText } from "./compression.ts";
import { bloomFilterOf } from "./filter.ts";

/** The subject of a segment's lines: webhooks that were understood, or flights that ended. */
export type Stream = "understood" | "flown";

/** Lines that are kept together: one row of Postgres. */
export type Segment = {
  readonly stream: Stream;
  /** The range of the lines' times (µs): arrivals of webhooks, or ends of flights. */
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly lines: readonly string[];
  readonly names: Iterable<string>;
  /** Events of webhooks, or flights. */
  readonly items: number;
};

/** A segment as it stands in its row. */
export type PackedSegment = {
  readonly stream: Stream;
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly lines: number;
  readonly items: number;
  readonly filter: Uint8Array;
  readonly body: Uint8Array;
};

/** Packs the lines, parted by line breaks: JSON holds none. */
export async function pack({ stream, fromMicros, untilMicros, lines, names, items }: Segment): Promise<PackedSegment> {
  const characters = lines.reduce((sum, line) => sum + line.length + 1, 0);
  // An ordinary segment's text is written where the last one stood: fresh memory for it would cost more than compressing it, and
  // another thread more than the millisecond that it takes.
  const body =
    characters <= LIMITS.segmentCharacters + LIMITS.packHereCharacters
      ? compressHere(inScratch(lines))
      : await compress(Buffer.from(lines.join("\n")));
  return { stream, fromMicros, untilMicros, lines: lines.length, items, filter: bloomFilterOf(names), body };
}

const MOST_BYTES_OF_A_UNIT = 3;
const LINE_BREAK = 10;
let scratch: Buffer | null = null;

function inScratch(lines: readonly string[]): Buffer {
  const room = (LIMITS.segmentCharacters + LIMITS.packHereCharacters) * MOST_BYTES_OF_A_UNIT;
  scratch ??= Buffer.allocUnsafeSlow(room);
  let at = 0;
  for (const line of lines) {
    at += scratch.write(line, at);
    scratch[at] = LINE_BREAK;
    at += 1;
  }
  return scratch.subarray(0, Math.max(0, at - 1));
}

export async function unpack(body: Uint8Array): Promise<readonly string[]> {
  return (await decompressText(body, MOST_CHARACTERS)).split("\n");
}

/** A line may be as large as the largest webhook, and a character four bytes. */
const MOST_CHARACTERS = 4 * (LIMITS.segmentCharacters + 8 * LIMITS.bodyCharacters + 64 * 1024 * 1024);
