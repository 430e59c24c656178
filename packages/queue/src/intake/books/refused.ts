import type { Redis } from "ioredis";
import { MAX_REFUSED_NAMES, REFUSED_MINUTES } from "../../limits.ts";

/**
 * Requests that were not authentic: how many, by source and reason, minute by minute. Only numbers are kept, and each name is one of the
 * configuration's or of the door's own words: whoever sends such requests adds nothing of theirs.
 */
export type RefusedRequests = {
  /** Adds to the counts of this minute. @param counts by `source reason` */
  add(counts: ReadonlyMap<string, number>, nowMs: number): Promise<void>;
  /** By `source reason`, the counts of the last minutes, this one among them. */
  lately(minutes: number, nowMs: number): Promise<ReadonlyMap<string, number>>;
};

const MINUTE_MS = 60_000;

export function createRefused(redis: Redis, tag: string): RefusedRequests {
  const keyAt = (ms: number): string => `${tag}:refused:${Math.floor(ms / MINUTE_MS)}`;
  return {
    async add(counts, nowMs) {
      if (counts.size === 0) return;
      const key = keyAt(nowMs);
      const asked = redis.multi();
      for (const [name, count] of [...counts].slice(0, MAX_REFUSED_NAMES)) asked.hincrby(key, name, count);
      await asked.pexpire(key, REFUSED_MINUTES * MINUTE_MS).exec();
    },
    async lately(minutes, nowMs) {
      const asked = redis.pipeline();
      for (let ago = 0; ago < Math.min(minutes, REFUSED_MINUTES); ago++) asked.hgetall(keyAt(nowMs - ago * MINUTE_MS));
      const sums = new Map<string, number>();
      for (const [error, counts] of (await asked.exec()) ?? []) {
        if (error !== null) throw error;
        for (const [name, count] of Object.entries(counts as Record<string, string>)) {
          sums.set(name, (sums.get(name) ?? 0) + Number(count));
        }
      }
      return sums;
    },
  };
}
