import type { TokenStore } from "../../kind.ts";

/** A token store for a process that is alone, such as a command. */
export function ownTokenStore(): TokenStore {
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
