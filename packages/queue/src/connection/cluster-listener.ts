import type { Cluster, Redis, RedisOptions } from "ioredis";
import { ioredis } from "./ioredis.ts";
import { retryStrategy } from "./retry-strategy.ts";

type Place = { readonly host: string; readonly port: number };

const named = new WeakMap<Cluster, readonly Place[]>();

/** Says which servers a cluster's address names: where no server of it is known any more, these are tried. */
export function nameServers(cluster: Cluster, places: readonly Place[]): void {
  named.set(cluster, places);
}

/**
 * A connection that listens to channels of a cluster, which are heard from any of its servers. Where its server goes away it listens to
 * another one, after a pause that grows while none answers. The cluster client's own listening makes no pause: with all servers away it
 * connects thousands of times a second (`findings/ioredis-cluster-listens-without-a-pause.sh`).
 */
export function clusterListener(cluster: Cluster): Redis {
  const library = ioredis();
  let known = named.get(cluster) ?? [];
  // Processes begin with different servers.
  let turn = Math.floor(Math.random() * 1000);
  const next = (): Place => {
    const places = cluster.nodes("all").map(({ options: { host = "", port = 0 } }) => ({ host, port }));
    if (places.length > 0) known = places;
    turn += 1;
    const place = known[turn % known.length];
    if (place === undefined) throw new Error("no server of the cluster is known to listen to");
    return place;
  };
  const { replyMapping: _ofAnswers, ...shared } = cluster.options.redisOptions ?? {};
  const options: Omit<RedisOptions, "replyMapping"> = {
    ...shared,
    ...next(),
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => {
      Object.assign(redis.options, next());
      return retryStrategy(times);
    },
  };
  const redis = new library.Redis(options);
  // A server that the others gave up may hold the connection and say nothing any more.
  const onGone = ({ options: { host, port } }: Redis): void => {
    if (redis.options.host === host && redis.options.port === port) redis.disconnect(true);
  };
  cluster.on("-node", onGone);
  return redis.on("end", () => void cluster.off("-node", onGone));
}
