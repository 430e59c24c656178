const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RANDOM_CHARACTERS = 16;
const IDS_IN_STOCK = 256;

/** The form of a record's id. */
export const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/**
 * Makes ids that sort by the time they were made: 48 bits of milliseconds, 80 bits of chance. Two ids of
 * the same millisecond differ by one, so that the order holds within a process.
 */
export function ulids(nowMs: () => number, randomBytes: (count: number) => Uint8Array): () => string {
  let lastMs = -1;
  let time = "";
  let digits: number[] = [];
  const chance = inStock(randomBytes);
  return () => {
    const ms = Math.max(nowMs(), lastMs);
    if (ms === lastMs) digits = plusOne(digits);
    else {
      // The first bit is left free, so that counting up has room.
      digits = Array.from(chance(), (byte, place) => byte & (place === 0 ? 15 : 31));
      time = timeOf(ms);
      lastMs = ms;
    }
    let text = time;
    for (const digit of digits) text += ALPHABET[digit];
    return text;
  };
}

/** Asking the system for chance costs as much for many ids as for one. */
function inStock(randomBytes: (count: number) => Uint8Array): () => Uint8Array {
  let stock: Uint8Array = new Uint8Array(0);
  let used = 0;
  return () => {
    if (used === stock.length) {
      stock = randomBytes(RANDOM_CHARACTERS * IDS_IN_STOCK);
      used = 0;
    }
    used += RANDOM_CHARACTERS;
    return stock.subarray(used - RANDOM_CHARACTERS, used);
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
