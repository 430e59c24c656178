import type { Redis } from "ioredis";
import { run } from "../connection/connection.ts";

/** Texts that acts of people need for a while, for the whole fleet: a plan, a log of attempts, the progress of a task. */
export type TemporaryTexts = {
  keep(name: string, text: string, keepMs: number): Promise<void>;
  /** Keeps a text where none is kept under the name: of those who try, one is told true until it is taken away. */
  keepFirst(name: string, text: string, keepMs: number): Promise<boolean>;
  get(name: string): Promise<string | null>;
  /** Takes a text away: exactly one taker gets it. Null: nothing is kept. */
  take(name: string): Promise<string | null>;
  /** Texts by their names, which are kept for `keepMs` after the last text was put into it. */
  map(name: string, keepMs: number): TemporaryMap;
};

export type TemporaryMap = {
  put(name: string, text: string): Promise<void>;
  get(name: string): Promise<string | null>;
  all(): Promise<ReadonlyMap<string, string>>;
  drop(names: readonly string[]): Promise<void>;
};

export function createTemporaryTexts(redis: Redis, tag: string): TemporaryTexts {
  const at = (name: string): string => `${tag}:paper:${name}`;
  return {
    async keep(name, text, keepMs) {
      await run(redis, "sluice_keep", at(name), ["", text, Math.ceil(keepMs), ""]);
    },
    keepFirst: async (name, text, keepMs) =>
      (await run(redis, "sluice_keep", at(name), ["", text, Math.ceil(keepMs), "first"])) === "kept",
    get: async (name) => await redis.get(at(name)),
    take: async (name) => await redis.getdel(at(name)),
    map(mapName, keepMs) {
      const key = at(mapName);
      return {
        async put(name, text) {
          await run(redis, "sluice_keep", key, [name, text, Math.ceil(keepMs), ""]);
        },
        get: async (name) => await redis.hget(key, name),
        all: async () => new Map(Object.entries(await redis.hgetall(key))),
        async drop(names) {
          if (names.length > 0) await redis.hdel(key, ...names);
        },
      };
    },
  };
}
