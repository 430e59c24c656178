/**
 * Where a fleet keeps the one access token that all its processes use. What is put there is sealed: who can read the
 * cupboard can't read the token.
 */
export interface TokenCupboard {
  /** What is kept; null: nothing, or its time is over. */
  get(): Promise<string | null>;
  /**
   * Replaces what is kept. Of all processes one at a time makes a new one; where another than `seen` is kept by
   * then, that is the answer and nothing is made. Rejects with whatever `make` rejects with, and keeps nothing then.
   */
  replace(
    seen: string | null,
    make: () => Promise<{ readonly text: string; readonly keepMs: number }>,
  ): Promise<string>;
}

/** For a process that is alone, such as a command. */
export function ownCupboard(): TokenCupboard {
  let kept: string | null = null;
  let making: Promise<string> | null = null;
  return {
    get: () => Promise.resolve(kept),
    async replace(seen, make) {
      if (kept !== null && kept !== seen) return kept;
      making ??= make()
        .then(({ text }) => (kept = text))
        .finally(() => (making = null));
      return await making;
    },
  };
}
