import type { Redis } from "ioredis";
import { listener } from "./connection.ts";

/**
 * Tells a worker that records of a lane have become due, over a channel of the lane. A nudge that is lost costs a second: every
 * worker looks by itself as often as that.
 */
export function onWakeUp(
  redis: Redis,
  tag: string,
  options: { readonly look: () => void; readonly onError: (error: Error) => void },
): { close(): void } {
  const nudges = listener(redis);
  nudges.on("error", options.onError);
  nudges.on("message", options.look);
  // Also after each connection that was lost: nudges that were published meanwhile were not heard.
  nudges.on("ready", options.look);
  nudges.subscribe(`${tag}:bell`).catch(options.onError);
  return { close: () => nudges.disconnect() };
}
