import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";
import { LIMITS } from "../limits.ts";
import { filterOf } from "./filter.ts";

/** Of what a segment's lines tell: webhooks that were understood, or flights that ended. */
export type Stream = "understood" | "flown";

/** Lines that are kept together: one row of Postgres. */
export type Segment = {
  readonly stream: Stream;
  /** Of the lines: arrivals (µs) of what was understood, ends (µs) of flights. */
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly lines: readonly string[];
  readonly names: Iterable<string>;
  /** Events of webhooks, or flights. */
  readonly items: number;
};

/** As it stands in its row. */
export type PackedSegment = {
  readonly stream: Stream;
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly lines: number;
  readonly items: number;
  readonly filter: Uint8Array;
  readonly body: Uint8Array;
};

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/** JSON holds no line break, so that one parts the lines. The work is done on another thread. */
export async function pack({ stream, fromMicros, untilMicros, lines, names, items }: Segment): Promise<PackedSegment> {
  const body = await compress(Buffer.from(lines.join("\n")), LEVEL);
  return { stream, fromMicros, untilMicros, lines: lines.length, items, filter: filterOf(names), body };
}

export async function unpack(body: Uint8Array): Promise<readonly string[]> {
  const text = await decompress(body, { maxOutputLength: MOST_CHARACTERS });
  return text.toString("utf8").split("\n");
}

/** A line may be as large as the largest webhook, and a character four bytes. */
const MOST_CHARACTERS = 4 * (LIMITS.segmentCharacters + 8 * LIMITS.bodyCharacters + 64 * 1024 * 1024);
