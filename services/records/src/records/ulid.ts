const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RANDOM_CHARACTERS = 16;

/** What a record's id looks like. */
export const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/**
 * Makes ids that sort by the time they were made: 48 bits of milliseconds, 80 bits of chance. Two of
 * the same millisecond differ by one, so that the order holds within a process.
 */
export function ulids(nowMs: () => number, randomBytes: (count: number) => Uint8Array): () => string {
  let lastMs = -1;
  let digits: number[] = [];
  return () => {
    const ms = Math.max(nowMs(), lastMs);
    if (ms === lastMs) digits = plusOne(digits);
    // The first bit is left free, so that counting up has room.
    else digits = Array.from(randomBytes(RANDOM_CHARACTERS), (byte, place) => byte & (place === 0 ? 15 : 31));
    lastMs = ms;
    return timeOf(ms) + digits.map((digit) => ALPHABET[digit]).join("");
  };
}

function plusOne(digits: readonly number[]): number[] {
  const next = [...digits];
  for (let place = next.length - 1; place >= 0; place -= 1) {
    const digit = ((next[place] ?? 0) + 1) % 32;
    next[place] = digit;
    if (digit !== 0) break;
  }
  return next;
}

function timeOf(ms: number): string {
  let text = "";
  for (let rest = ms, place = 0; place < 10; place += 1, rest = Math.floor(rest / 32))
    text = ALPHABET[rest % 32] + text;
  return text;
}
