import { readdirSync, readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { ADMIT_TIMEOUT_MS } from "./limits.ts";

/**
 * Two ways to hold on to Redis. `door`: a request waits at most seconds and fails at once while Redis is
 * away, so that the sender is told. `worker`: commands wait until Redis is back.
 */
export type ConnectionKind = "door" | "worker";

export function connect(url: string, kind: ConnectionKind, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    ...(kind === "door"
      ? { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: ADMIT_TIMEOUT_MS }
      : { enableOfflineQueue: true, maxRetriesPerRequest: null }),
    connectTimeout: 5000,
    enableAutoPipelining: false,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), 2000),
    scripts: SCRIPTS,
  });
  redis.on("error", onError);
  return redis;
}

/** Resolves once the connection is usable; a door that opened before would refuse what it could store. */
export async function ready(redis: Redis): Promise<void> {
  if (redis.status === "ready") return;
  await new Promise<void>((resolve) => redis.once("ready", () => resolve()));
}

/** Runs a script of `lua/` on a lane. Answers are words or, with `Buffer`, bytes. */
export async function run(
  redis: Redis,
  script: string,
  lane: string,
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  const commands = redis as unknown as { [name: string]: (...all: unknown[]) => Promise<unknown> };
  return await commands[script]!(lane, ...args);
}

const LUA = new URL("./lua/", import.meta.url);
const PRELUDE = "record";
const SCRIPTS = Object.fromEntries(
  readdirSync(LUA)
    .filter((file) => file.endsWith(".lua") && file !== `${PRELUDE}.lua`)
    .map((file) => [
      `sluice_${file.slice(0, -".lua".length)}`,
      { numberOfKeys: 1, lua: `${read(`${PRELUDE}.lua`)}\n${read(file)}` },
    ]),
);

function read(file: string): string {
  return readFileSync(new URL(file, LUA), "utf8");
}
