import type { TokenCupboard } from "../kind.ts";

/** A cupboard for a process that is alone, such as a command. */
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
