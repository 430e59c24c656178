import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Redis } from "ioredis";
import { run } from "../connection/connection.ts";
import { SHARED_TEXT_POLL_MS } from "../limits.ts";

/** Keeps one short text for the whole fleet, such as a sealed access token, and lets one process at a time replace it. */
export type SharedText = {
  /** Null: nothing is kept, or its time is over. */
  get(): Promise<string | null>;
  /**
   * Replaces the text `seen`. Where another text is kept by then, that one is the answer and nothing is made. If `make`
   * rejects, so does this, nothing is kept and another process may try.
   */
  replace(
    seen: string | null,
    make: () => Promise<{ readonly text: string; readonly keepMs: number }>,
  ): Promise<string>;
};

/** @param lockMs longer than `make` can take: after it the maker is taken for dead, and another process makes the text. */
export function createSharedText(redis: Redis, place: string, lockMs: number): SharedText {
  return {
    get: async () => await redis.get(place),

    async replace(seen, make) {
      const lock = `${place}:lock`;
      const owner = randomUUID();
      for (;;) {
        const kept = await redis.get(place);
        if (kept !== null && kept !== seen) return kept;
        if ((await redis.set(lock, owner, "PX", lockMs, "NX")) !== "OK") {
          // Another process makes the text, or died and its lock will end.
          await wait(SHARED_TEXT_POLL_MS);
          continue;
        }
        try {
          // The text may have been made between the look and the lock.
          const before = await redis.get(place);
          if (before !== null && before !== seen) return before;
          const { text, keepMs } = await make();
          await redis.set(place, text, "PX", Math.ceil(keepMs));
          return text;
        } finally {
          await run(redis, "sluice_unlock", lock, [owner]);
        }
      }
    },
  };
}
