import { readdirSync, readFileSync } from "node:fs";
import { connectionOptions, parseRedisAddress, type RedisConnectionOptions } from "@sluice/redis-address";
import type { Redis } from "ioredis";
import { clusterListener, nameServers } from "./cluster-listener.ts";
import { intakeScripts } from "../intake/scripts.ts";
import { ioredis } from "./ioredis.ts";
import { ADMIT_TIMEOUT_MS, NODE_TOLD_EVERY_MS, WORKER_REDIRECTIONS } from "../limits.ts";
import { clusterOf, serversOf } from "./owner.ts";
import { retryStrategy } from "./retry-strategy.ts";
import { scriptAnswer, joinFiles } from "./script-lines.ts";
import { keysFor, withWitnesses } from "./witnesses.ts";

/**
 * Two ways to hold on to Redis. `door`: a request waits at most seconds and fails at once while Redis is
 * away, so that the sender is told. `worker`: commands wait until Redis is back.
 */
export type ConnectionKind = "door" | "worker";

/** @throws RedisUrlError (`code` "redis_url_invalid") */
export function connect(
  url: string,
  kind: ConnectionKind,
  onError: (error: Error) => void,
  clock: string = read("clock.lua"),
  name?: string,
): Redis {
  const address = connectionOptions(parseRedisAddress(url), { again: true });
  const scripts = { ...scriptsWith(clock), ...intakeScripts(read("letters.lua")) };
  const settings: Settings = {
    ...(kind === "door"
      ? { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: ADMIT_TIMEOUT_MS }
      : { enableOfflineQueue: true, maxRetriesPerRequest: null }),
    ...(name === undefined ? {} : { connectionName: name }),
    connectTimeout: 5000,
    enableAutoPipelining: false,
  };
  if (address.kind === "cluster") return connectCluster(address, settings, kind, scripts, onError);
  const library = ioredis();
  const redis = new library.Redis({
    ...address.options,
    ...settings,
    retryStrategy,
    // A server that became a replica is the wrong one by now: the name may lead to another. 1 connects again, 2 also
    // sends the command again.
    // Redis 6.2 has READONLY in the middle of the message when a script fails.
    reconnectOnError: (error: Error) => (/(^|-)READONLY /.test(error.message) ? (kind === "door" ? 1 : 2) : false),
    scripts,
  });
  redis.on("error", onError);
  return redis;
}

type Settings = {
  readonly enableOfflineQueue: boolean;
  readonly maxRetriesPerRequest: number | null;
  readonly commandTimeout?: number;
  readonly connectionName?: string;
  readonly connectTimeout: number;
  readonly enableAutoPipelining: boolean;
};

/**
 * The client of a cluster, which takes the place of a server's: commands of a key go to the server that has it, and `owner.ts` leads to
 * a server where a command names no key.
 */
function connectCluster(
  { nodes, options }: Extract<RedisConnectionOptions, { kind: "cluster" }>,
  { enableOfflineQueue, ...settings }: Settings,
  kind: ConnectionKind,
  scripts: Scripts,
  onError: (error: Error) => void,
): Redis {
  const { Cluster } = ioredis();
  const cluster = new Cluster(nodes, {
    enableOfflineQueue,
    redisOptions: { ...options, ...settings },
    clusterRetryStrategy: retryStrategy,
    // A door sends once: whatever is unclear is told to the sender. A worker's commands wait until a server has the key again.
    ...(kind === "door" ? { retryDelayOnFailover: 0 } : { maxRedirections: WORKER_REDIRECTIONS }),
    // A certificate has the server's name in it, not its address.
    ...(options.tls === undefined ? {} : { dnsLookup: (host, found) => found(null, host) }),
    scripts: Object.fromEntries(
      Object.entries(scripts).map(([script, { numberOfKeys, lua }]) => [
        script,
        { numberOfKeys: withWitnesses(numberOfKeys), lua },
      ]),
    ),
  });
  nameServers(cluster, nodes);
  cluster.on("error", onError);
  const toldAt = new Map<string, number>();
  cluster.on("node error", (error: Error, node: string) => {
    // A server that is away is tried for each command that waits for it.
    if (performance.now() - (toldAt.get(node) ?? -Infinity) < NODE_TOLD_EVERY_MS) return;
    toldAt.set(node, performance.now());
    onError(new Error(`${node}: ${error.message}`, { cause: error }));
  });
  return cluster as unknown as Redis;
}

/** A connection of its own that listens to channels; it waits for Redis as a worker's does. */
export function listener(redis: Redis): Redis {
  const cluster = clusterOf(redis);
  if (cluster !== null) return clusterListener(cluster);
  return redis.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null });
}

/** Scripts that make room, or let others make some: they run also when Redis is out of memory. */
const MAKE_ROOM = [
  "claim",
  "grant",
  "settle",
  "wait",
  "bury",
  "extend",
  "takeover",
  "discard",
  "forget",
  "forget_letter",
  "file_begin",
  "file_take",
  "bring_back",
  "hold_letter",
  "drop",
  "note",
  "keep",
];

/** Redis 7 runs a script at `maxmemory` when its first line asks for it; an older Redis can't read that line. */
export function makeRoomAtMaxmemory(redis: Redis, version: string): void {
  if (Number.parseInt(version, 10) < 7) return;
  const { scripts = {} } = redis.options;
  for (const name of MAKE_ROOM) {
    const script = scripts[`sluice_${name}`];
    if (script === undefined || script.lua.startsWith("#!")) continue;
    const { numberOfKeys = 1 } = script;
    redis.defineCommand(`sluice_${name}`, { numberOfKeys, lua: `#!lua flags=allow-oom${script.lua}` });
  }
}

/** Resolves once the connection is usable; a door that opened before would refuse webhooks that it could store. */
export async function waitUntilReady(redis: Redis): Promise<void> {
  if (redis.status !== "ready") await new Promise<void>((resolve) => redis.once("ready", () => resolve()));
  // The connection to a server of a cluster is made with its first command, and a door's second one would be refused meanwhile.
  if (clusterOf(redis) !== null) await Promise.allSettled(serversOf(redis).map(async (server) => await server.ping()));
}

/** Runs a script of `lua/` on a lane. Answers are words or, with `Buffer`, bytes. */
export async function run(
  redis: Redis,
  script: string,
  lane: string,
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  const commands = redis as unknown as { [name: string]: (...all: unknown[]) => Promise<unknown> };
  return await scriptAnswer(redis, script, commands[script]!(...keysFor(redis, [lane]), ...args));
}

const LUA = new URL("../lua/", import.meta.url);
/** Parts that scripts begin with: a script names those that it needs, in this order, in its first line. */
const PARTS = ["letters", "record", "opened", "gate", "seen", "claims"];

type Scripts = { readonly [name: string]: { numberOfKeys: number; lua: string } };

function scriptsWith(clock: string): Scripts {
  const parts = new Map(PARTS.map((part) => [part, read(`${part}.lua`)]));
  const scripts = readdirSync(LUA).filter(
    (file) => file.endsWith(".lua") && file !== "clock.lua" && !parts.has(file.slice(0, -".lua".length)),
  );
  return Object.fromEntries(
    scripts.map((file) => {
      const script = read(file);
      const named = /^-- uses: (.*)$/m.exec(script)?.[1]?.split(" ") ?? [];
      // A script that ends a record may end its letter too.
      const uses = named.includes("record") ? ["letters", ...named] : named;
      const lua = joinFiles([
        ["lua/clock.lua", clock],
        ...uses.map((part) => [`lua/${part}.lua`, parts.get(part)!] as const),
        [`lua/${file}`, script],
      ]);
      return [`sluice_${file.slice(0, -".lua".length)}`, { numberOfKeys: 1, lua }];
    }),
  );
}

function read(file: string): string {
  return readFileSync(new URL(file, LUA), "utf8");
}
