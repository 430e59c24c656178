import type { Redis } from "ioredis";

/**
 * Tells this process that records have become due: the scripts that make them so publish it on their lane's channel. Nothing
 * depends on it, since every worker looks by itself once a second.
 */
export type Nudges = {
  /** Calls `wake` when something may be due on the lane. It must not throw. */
  hear(lane: string, wake: () => void): void;
  close(): void;
};

export function createNudges(redis: Redis, onError: (error: Error) => void): Nudges {
  const heard = new Map<string, () => void>();
  let subscriber: Redis | null = null;
  return {
    hear(lane, wake) {
      const channel = `${lane}:bell`;
      heard.set(channel, wake);
      subscriber ??= redis
        .duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null })
        .on("error", onError)
        .on("message", (from: string) => heard.get(from)?.())
        // Whatever was published while the connection was away was not heard.
        .on("ready", () => heard.forEach((each) => each()));
      subscriber.subscribe(channel).catch(onError);
    },
    close: () => subscriber?.disconnect(),
  };
}
