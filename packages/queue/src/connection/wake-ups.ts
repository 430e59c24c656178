import type { Redis } from "ioredis";
import { listener } from "./connection.ts";

/**
 * Tells a worker that records of a lane have become due, over a channel of each lane. A wake-up that is lost costs a second: every
 * worker looks by itself as often as that.
 */
export function onWakeUp(
  redis: Redis,
  tags: Promise<readonly string[]>,
  options: { readonly look: () => void; readonly onError: (error: Error) => void },
): { close(): void } {
  const wakeUps = listener(redis);
  wakeUps.on("error", options.onError);
  wakeUps.on("message", options.look);
  // Also after each connection that was lost: wake-ups that were published meanwhile were not heard.
  wakeUps.on("ready", options.look);
  tags.then(async (all) => await wakeUps.subscribe(...all.map((tag) => `${tag}:bell`))).catch(options.onError);
  return { close: () => wakeUps.disconnect() };
}
