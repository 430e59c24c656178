import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Redis } from "ioredis";
import { LIMITS } from "../limits.ts";
import { inquire } from "./inquiry.ts";

/** The append-only file: a folder of several since Redis 7. */
const FILES = ["appendonlydir", "appendonly.aof"];

/** Copies the files of a private Redis that does not run. */
export function copyRedisFiles(directory: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const name of FILES) {
    if (existsSync(join(directory, name))) cpSync(join(directory, name), join(to, name), { recursive: true });
  }
}

/**
 * Copies the files of a private Redis that runs, as its documentation says: while it writes nothing and rewrites nothing. `meanwhile` is
 * carried out in the same pause, for other copies of this moment.
 */
export async function copyRunningRedis(
  url: string,
  directory: string,
  to: string,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const pause = async (redis: Redis): Promise<void> => {
    const before = await redis.config("GET", "auto-aof-rewrite-percentage");
    await redis.config("SET", "auto-aof-rewrite-percentage", "0");
    try {
      const end = performance.now() + LIMITS.redisRewriteDeadlineMs;
      while (/^aof_rewrite_(in_progress|scheduled):1/m.test(await redis.info("persistence"))) {
        if (performance.now() > end) throw new Error("Redis goes on rewriting its file");
        await wait(LIMITS.redisAskAgainMs);
      }
      await redis.client("PAUSE", LIMITS.redisPauseMs, "WRITE");
      await meanwhile();
      copyRedisFiles(directory, to);
    } finally {
      await redis.client("UNPAUSE");
      await redis.config("SET", "auto-aof-rewrite-percentage", before[1] ?? "100");
    }
  };
  await inquire(url, pause);
}
