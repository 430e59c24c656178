import { LIMITS } from "../limits.ts";

/**
 * A Bloom filter over a segment's names: it says "not here", or "perhaps". A search walks over the filters of all segments and opens
 * the segments that may hold its names.
 */
export function bloomFilterOf(names: Iterable<string>): Uint8Array {
  const distinct = new Set(names);
  const bytes = Math.min(LIMITS.filterBytes, Math.max(8, Math.ceil((distinct.size * LIMITS.filterBitsPerName) / 8)));
  const filter = new Uint8Array(bytes);
  const bits = bytes * 8;
  for (const name of distinct) {
    const [first, step] = hashOf(name);
    for (let at = 0; at < LIMITS.filterBitsSet; at += 1) {
      const bit = (first + at * step) % bits;
      // Postgres' get_bit counts from a byte's lowest bit too.
      filter[bit >> 3]! |= 1 << (bit & 7);
    }
  }
  return filter;
}

export function mayHold(filter: Uint8Array, name: string): boolean {
  const [first, step] = hashOf(name);
  const bits = filter.length * 8;
  for (let at = 0; at < LIMITS.filterBitsSet; at += 1) {
    const bit = (first + at * step) % bits;
    if ((filter[bit >> 3]! & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

/** The same question as a condition of SQL on the column `filter`. Every number in it is ours. */
export function filterCondition(name: string): string {
  const [first, step] = hashOf(name);
  return Array.from({ length: LIMITS.filterBitsSet }, (_, at) => first + at * step)
    .map((bit) => `get_bit(filter, ${bit}::int8 % (octet_length(filter) * 8)) = 1`)
    .join(" and ");
}

/** Two independent numbers of 32 bits; the second is odd. */
function hashOf(name: string): readonly [first: number, step: number] {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let at = 0; at < name.length; at += 1) {
    const unit = name.charCodeAt(at);
    a = Math.imul(a ^ unit, 2_654_435_761);
    b = Math.imul(b ^ unit, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return [a >>> 0, (b | 1) >>> 0];
}
