import { SluiceError } from "../error.ts";
import type { Log } from "../log.ts";
import type { Environment } from "./command.ts";
import { runContainer } from "./container.ts";
import { readEndpoint, redisDirectory } from "./endpoint.ts";
import { assertKeepsKeys } from "./fitness.ts";
import { inquire } from "./inquiry.ts";
import { installProgram } from "./install.ts";
import { endOrphan } from "./orphan.ts";
import type { NotPossible, PrivateServer } from "./private-server.ts";
import { runProcess } from "./process.ts";
import { findRedisProgram } from "./program.ts";

export type RedisOptions = {
  /** SLUICE_REDIS_URL; without it a private server is started on `dataDir`/redis. */
  readonly url?: string | undefined;
  readonly dataDir: string;
  /** PATH, SLUICE_NO_INSTALL and SLUICE_REDIS_IMAGE are read, and the variables that docker, sudo and brew read. */
  readonly env: Environment;
  readonly log: Log;
};

export type RunningRedis = {
  /** The URL, with its password. */
  readonly url: string;
  /** Whether the server is Sluice's own. */
  readonly embedded: boolean;
  /** The program that runs, for people. */
  readonly program: string;
  /** How often a server of Sluice's own began with less of its file than there was. */
  fileShortened(): number;
  /** Stops a server of Sluice's own; leaves any other alone. */
  stop(): Promise<void>;
};

/**
 * The Redis that was named, or a private one: by a server program on the PATH, else by a Docker engine, else by
 * a program that the package manager installs. The caller holds the data directory's lock, so a server that is
 * found running on it was left behind by a Sluice that was killed.
 * @throws SluiceError `redis_unreachable`, `redis_evicts`, `redis_missing`, `redis_orphan`
 */
export async function startRedis({ url, dataDir, env, log }: RedisOptions): Promise<RunningRedis> {
  if (url !== undefined && url !== "") {
    await assertKeepsKeys(url);
    return { url, embedded: false, program: "SLUICE_REDIS_URL", fileShortened: () => 0, stop: async () => {} };
  }
  const directory = redisDirectory(dataDir);
  await endOrphan(directory, env, log);
  const server = await startPrivate({ directory, env, log });
  try {
    await assertKeepsKeys(server.url);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { ...server, embedded: true };
}

/** Where the private Redis of a Sluice that runs on this data directory answers, for the other commands of the machine. */
export async function findRedis(dataDir: string): Promise<string | undefined> {
  const endpoint = readEndpoint(redisDirectory(dataDir));
  if (endpoint === undefined) return undefined;
  return inquire(endpoint.url, async () => endpoint.url).catch(() => undefined);
}

async function startPrivate(options: { directory: string; env: Environment; log: Log }): Promise<PrivateServer> {
  const reasons: string[] = [];
  for (const way of [byProgram, runContainer, byInstalling]) {
    const server = await way(options);
    if ("stop" in server) return server;
    reasons.push(server.reason);
  }
  throw new SluiceError(
    `Sluice needs a Redis and can't start one of its own:\n${reasons.map((r) => `  - ${r}`).join("\n")}`,
    {
      code: "redis_missing",
      hint: [
        "one of these:",
        "    install redis-server or valkey-server, 6.2 or newer (Debian, Ubuntu: apt-get install redis-tools; macOS: brew install redis)",
        "    start a Docker engine that can get the image redis:7.2-alpine (or the one that SLUICE_REDIS_IMAGE names)",
        "    set SLUICE_REDIS_URL=redis://… to a Redis that runs already",
      ].join("\n"),
    },
  );
}

type Way = { readonly directory: string; readonly env: Environment; readonly log: Log };

async function byProgram(options: Way): Promise<PrivateServer | NotPossible> {
  const program = await findRedisProgram(options.env);
  return program === undefined
    ? { reason: "there is no redis-server or valkey-server, 6.2 or newer, on the PATH" }
    : runProcess(program, options);
}

async function byInstalling(options: Way): Promise<PrivateServer | NotPossible> {
  const program = await installProgram(options.env, options.log);
  return "reason" in program ? program : runProcess(program, options);
}
