import type { DeadLetter } from "@sluice/queue";
import { LIMITS } from "../limits.ts";
import { indexed, type IndexedDeadLetter } from "./dead-letter-row.ts";

/** All dead letters without their bodies, the newest first. A question reads them anew where the last reading is a while ago. */
export type DeadLetterIndex = {
  all(): Promise<readonly IndexedDeadLetter[]>;
  /** Something was done with letters: the next question reads them anew, also where a reading is under way that began before. */
  forget(): void;
};

export function indexDeadLetters(letters: () => AsyncIterable<DeadLetter>): DeadLetterIndex {
  let known: { readonly letters: readonly IndexedDeadLetter[]; readonly goodUntilMs: number } | null = null;
  let reading: Promise<readonly IndexedDeadLetter[]> | null = null;

  async function read(): Promise<{ readonly letters: readonly IndexedDeadLetter[]; readonly tookMs: number }> {
    const startedMs = performance.now();
    const found: IndexedDeadLetter[] = [];
    for await (const letter of letters()) {
      found.push(indexed(letter));
      if (found.length >= LIMITS.indexedLetters) break;
    }
    found.sort((a, b) => (a.at === b.at ? (a.id < b.id ? 1 : -1) : a.at < b.at ? 1 : -1));
    return { letters: found, tookMs: performance.now() - startedMs };
  }

  function begin(): Promise<readonly IndexedDeadLetter[]> {
    const own: Promise<readonly IndexedDeadLetter[]> = read()
      .then(({ letters: found, tookMs }) => {
        // Where there are many, looking for them is no more than a tenth of the work.
        const goodForMs = Math.max(LIMITS.lookEveryMs, tookMs * 10);
        if (reading === own) known = { letters: found, goodUntilMs: performance.now() + goodForMs };
        return found;
      })
      .finally(() => {
        if (reading === own) reading = null;
      });
    return own;
  }

  return {
    async all() {
      if (known !== null && performance.now() < known.goodUntilMs) return known.letters;
      return await (reading ??= begin());
    },
    forget() {
      known = null;
      reading = null;
    },
  };
}
