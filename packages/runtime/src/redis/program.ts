import { LIMITS } from "../limits.ts";
import { command, onPath, type Environment } from "./command.ts";

/** A Redis server that can be started here. */
export type RedisProgram = {
  readonly path: string;
  /** The name to call the program by: it decides by this whether it is the server or the checking tool. */
  readonly argv0: string;
  /** The program and its version, for people: `redis-server 7.0.15`. */
  readonly title: string;
};

/** The oldest version with all commands that `packages/queue` uses. */
const OLDEST = [6, 2] as const;

/**
 * `redis-check-rdb` is the server too, under another name: upstream's `make install` links the two.
 * Debian and Ubuntu put that one file into the package `redis-tools` and only a link to it into
 * `redis-server`, so a machine that has the tools has a server.
 */
const NAMES = [
  { name: "redis-server", argv0: "redis-server" },
  { name: "valkey-server", argv0: "valkey-server" },
  { name: "redis-check-rdb", argv0: "redis-server" },
  { name: "valkey-check-rdb", argv0: "valkey-server" },
] as const;

/** The first server on the PATH that is new enough. */
export async function findRedisProgram(env: Environment): Promise<RedisProgram | undefined> {
  for (const { name, argv0 } of NAMES) {
    const path = onPath(name, env);
    if (path === undefined) continue;
    const asked = await command(path, ["--version"], { env, argv0, deadlineMs: LIMITS.programAnswerDeadlineMs });
    const version = readServerVersion(asked.output);
    if (asked.ok && version !== undefined && isNewEnough(version)) {
      return { path, argv0, title: `${argv0} ${version.join(".")}` };
    }
  }
  return undefined;
}

/** Reads `Redis server v=7.0.15 sha=…` → [7, 0, 15]. The checking tool answers otherwise, and so is not taken for a server. */
export function readServerVersion(output: string): readonly number[] | undefined {
  const found = /\b(?:redis|valkey) server v=(\d+(?:\.\d+)*)/i.exec(output)?.[1];
  return found?.split(".").map(Number);
}

function isNewEnough([major = 0, minor = 0]: readonly number[]): boolean {
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
