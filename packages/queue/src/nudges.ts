import type { Redis } from "ioredis";
import { NUDGE_AFTER_MS } from "./limits.ts";

/** Says that something may be due, to idle workers. Nothing depends on it: every worker looks by itself once a second. */
export type Nudges = {
  /** Calls `wake` when others say that something may be due on the lane. It must not throw. */
  hear(lane: string, wake: () => void): void;
  /** Tells the others, once for all that comes in within a moment. */
  give(lane: string): void;
  close(): void;
};

export function createNudges(redis: Redis, onError: (error: Error) => void): Nudges {
  const heard = new Map<string, () => void>();
  const soon = new Map<string, NodeJS.Timeout>();
  let subscriber: Redis | null = null;
  const channelOf = (lane: string): string => `${lane}:bell`;
  return {
    hear(lane, wake) {
      heard.set(channelOf(lane), wake);
      subscriber ??= redis
        .duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null })
        .on("error", onError)
        .on("message", (channel: string) => heard.get(channel)?.());
      subscriber.subscribe(channelOf(lane)).catch(onError);
    },
    give(lane) {
      if (soon.has(lane)) return;
      const timer = setTimeout(() => {
        soon.delete(lane);
        // A lost one is made up for, so it is no error.
        redis.publish(channelOf(lane), "").catch(() => {});
      }, NUDGE_AFTER_MS);
      soon.set(lane, timer);
    },
    close() {
      for (const timer of soon.values()) clearTimeout(timer);
      subscriber?.disconnect();
    },
  };
}
