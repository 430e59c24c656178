import { createHash } from "node:crypto";
import { MAX_STAMP_ID_BYTES } from "./limits.ts";
import type { Version } from "./version.ts";

/**
 * A change's place in the order of all changes of a record: first its version, then the rank of its
 * source in the configuration, then the event's id. A total order: two different events never tie.
 */
export type Stamp = { readonly version: bigint; readonly rank: number; readonly eventId: string };

export function stampOf(version: Version, rank: number, eventId: string): Stamp {
  return {
    version: version.kind === "time" ? version.micros : version.value,
    rank,
    eventId: stampId(eventId),
  };
}

/** Negative, zero or positive, as `a` is older than, equal to or newer than `b`. */
export function compareStamps(a: Stamp, b: Stamp): number {
  if (a.version !== b.version) return a.version < b.version ? -1 : 1;
  if (a.rank !== b.rank) return a.rank - b.rank;
  return Buffer.compare(Buffer.from(a.eventId), Buffer.from(b.eventId));
}

/**
 * The stamp as bytes whose plain byte order is the stamps' order, so that Redis compares without
 * understanding: 8 bytes of version (offset by 2^63, for times before 1970), 2 of rank, the id.
 */
export function encodeStamp(stamp: Stamp): Buffer {
  const id = Buffer.from(stamp.eventId);
  const bytes = Buffer.alloc(10 + id.length);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, stamp.version + VERSION_OFFSET), 0);
  bytes.writeUInt16BE(stamp.rank, 8);
  id.copy(bytes, 10);
  return bytes;
}

export function decodeStamp(bytes: Buffer): Stamp {
  return {
    version: bytes.readBigUInt64BE(0) - VERSION_OFFSET,
    rank: bytes.readUInt16BE(8),
    eventId: bytes.toString("utf8", 10),
  };
}

const VERSION_OFFSET = 2n ** 63n;

/**
 * The ledger keeps a stamp for each field of each record, so ids in it are bounded: one longer than a
 * UUID is kept as its first bytes and a digest. Still a total order, the same one everywhere.
 */
export function stampId(eventId: string): string {
  const bytes = Buffer.byteLength(eventId);
  if (bytes <= MAX_STAMP_ID_BYTES) return eventId;
  const digest = createHash("sha256").update(eventId).digest("base64url").slice(0, 16);
  const kept = Buffer.from(eventId).subarray(0, MAX_STAMP_ID_BYTES - digest.length - 1);
  // A character cut in two would decode to a replacement of another length.
  return `${kept.toString("utf8").replace(/\uFFFD+$/, "")}~${digest}`;
}
