import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog, startRedis } from "@sluice/runtime";
import { Redis } from "ioredis";
import { freePort } from "./sluice-process.ts";
import { pauseMs } from "./until.ts";

/** A server program of this machine, and a folder for its servers. */
export type RedisPrograms = {
  readonly folder: string;
  /** Starts a server with these settings beside those that Sluice needs; it is not started again when it ends. */
  start(settings?: Settings): Promise<RedisServer>;
  /** Starts a sentinel with these lines of configuration. */
  startSentinel(lines: readonly string[]): Promise<RedisServer>;
  /** Ends all that was started. */
  stop(): Promise<void>;
};

type Settings = Readonly<Record<string, string>>;

export type RedisServer = {
  readonly port: number;
  readonly url: string;
  /** A connection of the test's own. */
  readonly admin: Redis;
  signal(signal: NodeJS.Signals): void;
  /** Kills the server, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts a server that was killed again, on its data. */
  begin(): Promise<void>;
};

/** Why a test of several servers is skipped. */
export const NO_PROGRAM =
  "the Redis here is no program of this machine: a container's can't be started in several ways";

/** Null: there is no program, but a container (NO_PROGRAM). */
export async function findRedisPrograms(): Promise<RedisPrograms | null> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-redis-"));
  const log = createLog({ role: "test", level: "silent" });
  const found = await startRedis({ dataDir: join(folder, "found"), env: process.env, log });
  await found.stop();
  const program = /^(\S+) .*\((\/.*)\)$/.exec(found.program);
  if (program === null) {
    rmSync(folder, { recursive: true, force: true });
    return null;
  }
  const [, argv0 = "", path = ""] = program;
  const servers: RedisServer[] = [];
  let number = 0;

  async function run(args: (directory: string) => readonly string[], port: number): Promise<RedisServer> {
    number += 1;
    const directory = join(folder, `server-${number}`);
    mkdirSync(directory);
    const env = { PATH: process.env["PATH"], LC_ALL: "C" };
    const words = args(directory);
    const live = (): ChildProcess => spawn(path, words, { argv0, cwd: directory, env, stdio: "ignore" });
    let child = live();
    let gone = once(child, "exit");
    const url = `redis://127.0.0.1:${port}`;
    const admin = new Redis(url, { maxRetriesPerRequest: null, enableReadyCheck: false });
    admin.on("error", () => {});
    const server: RedisServer = {
      port,
      url,
      admin,
      signal: (signal) => void child.kill(signal),
      async kill() {
        admin.disconnect();
        if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
        await gone;
      },
      async begin() {
        child = live();
        gone = once(child, "exit");
        await admin.connect().catch(() => {});
        await answers();
      },
    };
    const answers = async (): Promise<void> => await until(async () => (await admin.ping()) === "PONG");
    servers.push(server);
    await answers();
    return server;
  }

  return {
    folder,
    async start(settings = {}) {
      const port = settings["port"] === undefined ? await freePort() : Number(settings["port"]);
      const all: Settings = {
        port: String(port),
        bind: "127.0.0.1",
        appendonly: "yes",
        save: "",
        "maxmemory-policy": "noeviction",
        "repl-diskless-sync-delay": "0",
        ...settings,
      };
      const words = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
      return await run((directory) => [...words, "--dir", directory, "--logfile", join(directory, "log")], port);
    },
    async startSentinel(lines) {
      const port = await freePort();
      return await run((directory) => {
        const file = join(directory, "sentinel.conf");
        writeFileSync(file, [`port ${port}`, "bind 127.0.0.1", `dir ${directory}`, ...lines, ""].join("\n"));
        return [file, "--sentinel"];
      }, port);
    },
    async stop() {
      await Promise.all(servers.map(async (server) => await server.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function until(holds: () => Promise<boolean> | boolean, deadlineMs = 120_000): Promise<void> {
  const begin = performance.now();
  for (;;) {
    const now = await Promise.resolve()
      .then(holds)
      .catch(() => false);
    if (now) return;
    if (performance.now() > begin + deadlineMs) throw new Error(`never so: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs(performance.now() - begin)));
  }
}
