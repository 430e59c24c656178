import { readdirSync, readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { intakeScripts } from "./intake/scripts.ts";
import { ADMIT_TIMEOUT_MS } from "./limits.ts";

/**
 * Two ways to hold on to Redis. `door`: a request waits at most seconds and fails at once while Redis is
 * away, so that the sender is told. `worker`: commands wait until Redis is back.
 */
export type ConnectionKind = "door" | "worker";

export function connect(
  url: string,
  kind: ConnectionKind,
  onError: (error: Error) => void,
  clock: string = read("clock.lua"),
  name?: string,
): Redis {
  const redis = new Redis(url, {
    ...(kind === "door"
      ? { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: ADMIT_TIMEOUT_MS }
      : { enableOfflineQueue: true, maxRetriesPerRequest: null }),
    ...(name === undefined ? {} : { connectionName: name }),
    connectTimeout: 5000,
    enableAutoPipelining: false,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), 2000),
    // A server that became a replica is the wrong one by now: the name may lead to another. 1 connects again, 2 also
    // sends the command again.
    // Redis 6.2 has READONLY in the middle of the message when a script fails.
    reconnectOnError: (error) => (/(^|-)READONLY /.test(error.message) ? (kind === "door" ? 1 : 2) : false),
    scripts: { ...scriptsWith(clock), ...intakeScripts(read("letters.lua")) },
  });
  redis.on("error", onError);
  return redis;
}

/** Scripts that make room, or let others make some: they run also when Redis is out of memory. */
const MAKE_ROOM = [
  "claim",
  "settle",
  "wait",
  "bury",
  "extend",
  "takeover",
  "discard",
  "forget",
  "forget_letter",
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
    redis.defineCommand(`sluice_${name}`, { numberOfKeys: 1, lua: `#!lua flags=allow-oom\n${script.lua}` });
  }
}

/** Resolves once the connection is usable; a door that opened before would refuse webhooks that it could store. */
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
/** Parts that scripts begin with: a script names those that it needs, in this order, in its first line. */
const PARTS = ["letters", "record", "opened", "gate", "seen", "claims"];

function scriptsWith(clock: string): { readonly [name: string]: { numberOfKeys: number; lua: string } } {
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
      const lua = [clock, ...uses.map((part) => parts.get(part)!), script].join("\n");
      return [`sluice_${file.slice(0, -".lua".length)}`, { numberOfKeys: 1, lua }];
    }),
  );
}

function read(file: string): string {
  return readFileSync(new URL(file, LUA), "utf8");
}
