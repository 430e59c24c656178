import type { Cluster, Redis } from "ioredis";
import { ioredis } from "./ioredis.ts";

/**
 * The server that has the keys of a tag, over the connection that its commands go by: for questions that are about a server and name no
 * key, such as its clock, its clients, or whether a write is kept. Without a cluster it is the connection itself.
 * @throws Error while no server has them
 */
export function ownerOf(redis: Redis, tag: string): Redis {
  const cluster = clusterOf(redis);
  if (cluster === null) return redis;
  const key = cluster.slots[slotOf(tag)]?.[0];
  const owner = cluster.nodes("master").find(({ options: { host, port } }) => `${host}:${port}` === key);
  if (owner !== undefined) return owner;
  // The client lets go of a server whose connection ended until a command for its keys is sent elsewhere first, and after this there is none.
  cluster.refreshSlotsCache();
  throw new Error(`no server of the cluster has the keys of ${tag} now`);
}

/**
 * The servers that have all keys there are.
 * @throws Error while one of them is not known
 */
export function serversOfKeys(redis: Redis): readonly Redis[] {
  const cluster = clusterOf(redis);
  if (cluster === null) return [redis];
  const known = new Map(cluster.nodes("master").map((node) => [`${node.options.host}:${node.options.port}`, node]));
  return [...new Set(cluster.slots.map(([owner]) => owner))].map((key) => {
    const server = known.get(key ?? "");
    if (server !== undefined) return server;
    cluster.refreshSlotsCache();
    throw new Error(`the server ${key} of the cluster, which has keys, is not connected now`);
  });
}

/** All servers that have keys and are known now. */
export function serversOf(redis: Redis): readonly Redis[] {
  return clusterOf(redis)?.nodes("master") ?? [redis];
}

/** The client of a cluster, which has the same commands and is taken for a server's everywhere else; null: it is a server's. */
export function clusterOf(redis: unknown): Cluster | null {
  return (redis as Partial<Cluster>).isCluster === true ? (redis as Cluster) : null;
}

/** Whether two tags live on one server for good, so that one script may work on both. */
export function shareSlot(redis: Redis, tag: string, other: string): boolean {
  return clusterOf(redis) === null || slotOf(tag) === slotOf(other);
}

const slots = new Map<string, number>();

function slotOf(tag: string): number {
  const known = slots.get(tag);
  if (known !== undefined) return known;
  const { Command } = ioredis();
  const slot = new Command("exists", [tag]).getSlot();
  slots.set(tag, slot);
  return slot;
}
