import type { Redis } from "ioredis";

/** When a request was last made with each of a source's secrets, which are called by their places in its list, from 1. */
export type UsedSecrets = {
  /** Requests were made with these until now. @param names `source place` of each */
  note(names: Iterable<string>, nowMs: number): Promise<void>;
  /** By place, in milliseconds since 1970; a secret that was never used is not in it. */
  of(source: string): Promise<ReadonlyMap<number, number>>;
};

export function createUsedSecrets(redis: Redis, tag: string): UsedSecrets {
  const key = `${tag}:secrets`;
  return {
    async note(names, nowMs) {
      const times = [...names].flatMap((name) => [name, nowMs]);
      if (times.length > 0) await redis.hset(key, ...times);
    },
    async of(source) {
      const all = Object.entries(await redis.hgetall(key));
      const places = all.flatMap(([name, ms]) => {
        const [named, place] = name.split(" ");
        return named === source ? [[Number(place), Number(ms)] as const] : [];
      });
      return new Map(places);
    },
  };
}
