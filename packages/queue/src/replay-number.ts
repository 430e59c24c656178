import type { Redis } from "ioredis";

/** The number of a new replay, larger than that of every replay before: it is the run of all changes that the replay brings in. */
export async function nextRun(redis: Redis, namespace: string): Promise<number> {
  return await redis.incr(`{${namespace}:intake}:runs`);
}
