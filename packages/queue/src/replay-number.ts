import type { Redis } from "ioredis";

/** The number of a replay, larger than that of every one before: it is the run of all that it brings in anew. */
export async function nextRun(redis: Redis, namespace: string): Promise<number> {
  return await redis.incr(`{${namespace}:intake}:runs`);
}
