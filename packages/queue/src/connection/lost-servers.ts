import type { Redis } from "ioredis";
import { clusterOf } from "./owner.ts";

/**
 * Calls `tell` when the connection to a server of a cluster has ended: a connection to a cluster does not close while another of its
 * servers answers, and the state behind a part of the keys may have gone back. Without a cluster nothing is told: `close` says the same.
 */
export function onServerLost(redis: Redis, tell: () => void): { close(): void } {
  const cluster = clusterOf(redis);
  if (cluster === null) return { close: () => {} };
  /** Servers that have answered: one that is away is tried again and again. */
  const answered = new WeakSet<Redis>();
  const watch = (server: Redis): void => {
    if (server.status === "ready") answered.add(server);
    server.once("ready", () => answered.add(server));
  };
  const onGone = (server: Redis): void => {
    if (answered.has(server)) tell();
  };
  for (const server of cluster.nodes("all")) watch(server);
  cluster.on("+node", watch).on("-node", onGone);
  return { close: () => void cluster.off("+node", watch).off("-node", onGone) };
}
