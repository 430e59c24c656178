import { Redis } from "ioredis";
import { setTimeout as delay } from "node:timers/promises";
import { LIMITS } from "../limits.ts";

/** Asks a Redis something over a connection of its own. Rejects when it does not answer, or is still loading. */
export async function inquire<Answer>(url: string, ask: (redis: Redis) => Promise<Answer>): Promise<Answer> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: LIMITS.redisAnswerDeadlineMs,
    commandTimeout: LIMITS.redisAnswerDeadlineMs,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The reason comes here first ("connect ECONNREFUSED …"); what `connect` rejects with only says that it is closed.
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
    try {
      return await inquire(url, ask);
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
