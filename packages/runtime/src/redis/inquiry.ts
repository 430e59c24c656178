import { connectionOptions, parseRedisAddress, type RedisAddress } from "@sluice/redis-address";
import type { Redis } from "ioredis";
import { setTimeout as delay } from "node:timers/promises";
import { LIMITS } from "../limits.ts";

/**
 * Asks a Redis something over a connection of its own; behind sentinels the primary is asked. Rejects when it does not answer, or is
 * still loading. A cluster is none: its servers are asked one by one.
 */
export async function inquire<Answer>(
  place: string | RedisAddress,
  ask: (redis: Redis) => Promise<Answer>,
  deadlineMs: number = LIMITS.redisAnswerDeadlineMs,
): Promise<Answer> {
  const { Redis: Connection } = await import("ioredis");
  const address = typeof place === "string" ? parseRedisAddress(place) : place;
  const connection = connectionOptions(address, { again: false });
  if (connection.kind === "cluster") throw new Error("a cluster is asked server by server");
  const redis: Redis = new Connection({
    ...connection.options,
    lazyConnect: true,
    connectTimeout: deadlineMs,
    commandTimeout: deadlineMs,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The reason comes here first ("connect ECONNREFUSED …"); the error of `connect` only says that the connection is closed.
  let reason: Error | undefined;
  redis.on("error", (error: Error) => (reason ??= error));
  try {
    await redis.connect();
    await redis.ping();
    return await ask(redis);
  } catch (error) {
    throw reason ?? error;
  } finally {
    redis.disconnect();
  }
}

/** Asks until there is an answer, the deadline passes, or `hopeless` names a reason to stop. */
export async function inquirePatiently<Answer>(
  place: string | RedisAddress,
  deadlineMs: number,
  ask: (redis: Redis) => Promise<Answer>,
  hopeless: () => boolean = () => false,
): Promise<Answer> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const leftMs = Math.max(deadline - performance.now(), LIMITS.redisAskAgainMs);
    try {
      return await inquire(place, ask, Math.min(leftMs, LIMITS.redisAnswerDeadlineMs));
    } catch (error) {
      if (performance.now() > deadline || hopeless() || isRefusal(error)) throw error;
      await delay(LIMITS.redisAskAgainMs);
    }
  }
}

/** Waiting does not mend a wrong password. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && /^(NOAUTH|WRONGPASS|NOPERM|ERR AUTH)/.test(error.message);
}
