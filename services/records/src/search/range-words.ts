/** Numbers from `low` to `high`, both among them. */
export type NumberRange = { readonly low: number; readonly high: number };

export const EVERY_NUMBER: NumberRange = { low: -Infinity, high: Infinity };

export function intersection(a: NumberRange, b: NumberRange): NumberRange {
  return { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) };
}

/** A day as the number that stands for it in the index: 2026-01-02 is 20260102. */
export function numberOfDay(day: string): number {
  return Number(day.replaceAll("-", ""));
}

/**
 * The words of migration 0004 that stand for a field's values in a range, as the text of a tsquery. A word matches by its
 * beginning; there are at most 540. Values that differ from the range's ends by less than the ten digits tell are among them.
 */
export function wordsInRange(object: number, key: string, { low, high }: NumberRange): string {
  if (low > high) return `'${object}.${key}!'`;
  const negative = low < 0 ? beginningsOf(digitsOf(low), digitsOf(Math.min(high, -Number.MIN_VALUE))) : [];
  const positive = high >= 0 ? beginningsOf(digitsOf(Math.max(low, 0)), digitsOf(high)) : [];
  const words = [...negative.map((digits) => `-${digits}`), ...positive.map((digits) => `=${digits}`)];
  return words.map((word) => `'${object}.${key}${word}':*`).join(" | ");
}

const DIGITS = 10;
const ALL_ONES = 16 ** DIGITS - 1;

/** The ten digits, as a number: the first 40 bits of the double; those of a negative one are turned over. */
function digitsOf(value: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  // Plus 0 turns minus zero into zero.
  bits.setFloat64(0, value + 0);
  const first = bits.getUint32(0) * 256 + bits.getUint8(4);
  return value < 0 ? ALL_ONES - first : first;
}

/** The fewest beginnings of ten digits that all from `low` to `high` and no others have. */
function beginningsOf(low: number, high: number): string[] {
  const beginnings: string[] = [];
  for (let at = low; at <= high;) {
    let open = 0;
    while (at % 16 ** (open + 1) === 0 && at + 16 ** (open + 1) - 1 <= high) open += 1;
    beginnings.push(
      at
        .toString(16)
        .padStart(DIGITS, "0")
        .slice(0, DIGITS - open),
    );
    at += 16 ** open;
  }
  return beginnings;
}
