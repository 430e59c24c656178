import { chosenLetters, type Fleet } from "@sluice/operator";
import { LIMITS } from "../limits.ts";
import { indexed, type IndexedLetter } from "./letter-row.ts";

/** All dead letters without their bodies, the newest first. A question reads them anew where the last reading is a while ago. */
export type LetterIndex = {
  all(): Promise<readonly IndexedLetter[]>;
  /** Something was done with letters: the next question reads them anew. */
  forget(): void;
};

export function indexLetters(fleet: () => Fleet): LetterIndex {
  let known: { readonly letters: readonly IndexedLetter[]; readonly goodUntilMs: number } | null = null;
  let reading: Promise<readonly IndexedLetter[]> | null = null;

  async function read(): Promise<readonly IndexedLetter[]> {
    const startedMs = performance.now();
    const letters: IndexedLetter[] = [];
    for await (const { letter } of chosenLetters(fleet(), {})) {
      letters.push(indexed(letter));
      if (letters.length >= LIMITS.indexedLetters) break;
    }
    letters.sort((a, b) => (a.at === b.at ? (a.id < b.id ? 1 : -1) : a.at < b.at ? 1 : -1));
    const tookMs = performance.now() - startedMs;
    // Where there are many, looking for them is no more than a tenth of the work.
    known = { letters, goodUntilMs: performance.now() + Math.max(LIMITS.lookEveryMs, tookMs * 10) };
    return letters;
  }

  return {
    async all() {
      if (known !== null && performance.now() < known.goodUntilMs) return known.letters;
      return await (reading ??= read().finally(() => (reading = null)));
    },
    forget: () => void (known = null),
  };
}
