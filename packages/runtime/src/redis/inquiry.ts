import type { Redis } from "ioredis";
import { setTimeout as delay } from "node:timers/promises";
import { LIMITS } from "../limits.ts";

/** Asks a Redis something over a connection of its own. Rejects when it does not answer, or is still loading. */
export async function inquire<Answer>(
  url: string,
  ask: (redis: Redis) => Promise<Answer>,
  deadlineMs: number = LIMITS.redisAnswerDeadlineMs,
): Promise<Answer> {
  const { Redis: Connection } = await import("ioredis");
  const redis: Redis = new Connection(url, {
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
  url: string,
  deadlineMs: number,
  ask: (redis: Redis) => Promise<Answer>,
  hopeless: () => boolean = () => false,
): Promise<Answer> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const leftMs = Math.max(deadline - performance.now(), LIMITS.redisAskAgainMs);
    try {
      return await inquire(url, ask, Math.min(leftMs, LIMITS.redisAnswerDeadlineMs));
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
