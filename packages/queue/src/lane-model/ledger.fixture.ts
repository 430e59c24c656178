import type { Redis } from "ioredis";
import { decodeStamp, type Stamp } from "@sluice/record";

/** A record's ledger as it stands in Redis: the layout is told in lua/record.lua. */
export async function readLedger(
  redis: Redis,
  key: string,
): Promise<{ readonly stamps: ReadonlyMap<string, Stamp>; readonly tombstone: Stamp | null }> {
  const kept = await redis.hgetallBuffer(key);
  const stamps = Object.entries(kept)
    .filter(([name]) => !/^[@#]/.test(name))
    .map(([field, value]) => [field, decodeStamp(kept[`#${value.toString("latin1")}`] ?? value)] as const);
  const tombstone = kept["@tombstone"];
  return { stamps: new Map(stamps), tombstone: tombstone === undefined ? null : decodeStamp(tombstone) };
}
