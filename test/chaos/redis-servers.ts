import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { createLog, cutHalfTransaction, startRedis } from "@sluice/runtime";
import { freePort } from "../sluice-process.ts";
import type { ClusterFaults } from "./cluster-servers.ts";
import type { RedisSystem } from "./redis-system.ts";

/**
 * A state that went back. At `atMs` it took the place of the present one; it held only what is older than `fromMs`, both by this
 * process' clock. `death`: a replica took over that lacked the last moments of its master, or nothing that anybody was told.
 */
export type Loss = { readonly kind: "failover" | "copy" | "death"; readonly fromMs: number; readonly atMs: number };

/** The Redis that the fleet works with, and the servers that may take its place. */
export type RedisServers = {
  readonly url: string;
  /** The server's program, for people. */
  readonly program: string;
  /** A connection that no fault touches, to the server that the fleet works with now. Null: there are several. */
  readonly admin: Redis | null;
  /** Reads the keys of the fleet, wherever they are. */
  readonly books: BookReader;
  /** Whether a server is a process here, that signals reach and that is started again when it ends. */
  readonly takesSignals: boolean;
  readonly succession: Succession | null;
  readonly system: RedisSystem | null;
  readonly cluster: ClusterFaults | null;
  stop(): Promise<void>;
};

export type BookReader = Pick<Redis, "hgetall" | "zcard" | "llen">;

export type Succession = {
  /** The replica gets nothing for so long, and then the fleet works with it. `lead`: leads the fleet there. */
  failOver(lagMs: number, lead: (url: string) => void): Promise<Loss>;
  /** Copies the files as they are, and after so long the fleet works with a server that has begun with the copy. */
  putBack(afterMs: number, lead: (url: string) => void): Promise<Loss>;
};

const SILENT = createLog({ role: "chaos", level: "silent" });
const PASSWORD = "secret";
const RESTART_DELAY_MS = 300;
const DEADLINE_MS = 30_000;
const WAIT_MS = 2000;

/** Sluice's private Redis, as `sluice up` has it. */
export async function privateServer(folder: string): Promise<RedisServers> {
  const redis = await startRedis({ dataDir: join(folder, "queue"), env: process.env, log: SILENT });
  const admin = connectionTo(redis.url);
  return {
    url: redis.url,
    program: redis.program,
    admin,
    books: admin,
    takesSignals: !redis.program.includes("container"),
    succession: null,
    system: null,
    cluster: null,
    async stop() {
      admin.disconnect();
      await redis.stop();
    },
  };
}

/** A primary and a replica of the same program, whose files, places, clock and disk are in the hands of the run. */
export async function ownServers(folder: string, system: RedisSystem | null): Promise<RedisServers> {
  const found = await startRedis({ dataDir: join(folder, "program"), env: process.env, log: SILENT });
  await found.stop();
  const program = /\((\/.*)\)$/.exec(found.program)?.[1];
  if (program === undefined) throw new Error(`this profile needs a Redis that is a program here, not ${found.program}`);
  let number = 0;
  const servers = new Set<Server>();
  const begin = async (from?: string): Promise<Server> => {
    number += 1;
    const directory = join(folder, `redis-${number}`);
    if (from === undefined) mkdirSync(directory);
    else cpSync(from, directory, { recursive: true });
    const server = await startServer(program, directory, system?.env ?? {});
    servers.add(server);
    return server;
  };
  const end = async (server: Server): Promise<void> => {
    servers.delete(server);
    await server.stop();
  };
  let primary = await begin();
  let replica = await begin();
  const follow = async (): Promise<void> => {
    await replica.admin.replicaof("127.0.0.1", String(primary.port));
    await until(async () => (await replica.admin.info("replication")).includes("master_link_status:up"));
    // After a copy from its primary a server's own file is the former one until a new one was written: killed before that, it would go back.
    await until(async () => await keepsItsFile(replica.admin));
  };
  await follow();

  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => {});
    return await mine;
  };

  return {
    url: primary.url,
    program: `${program}, a primary and a replica`,
    get admin() {
      return primary.admin;
    },
    get books() {
      return primary.admin;
    },
    takesSignals: true,
    system,
    cluster: null,
    succession: {
      failOver: async (lagMs, lead) =>
        await inTurn(async () => {
          await follow();
          const fromMs = Date.now();
          // The replica has everything that was acknowledged until now: a link that is up says nothing of bytes that are still on their way.
          await until(async () => await hasAll(primary.admin));
          await replica.admin.replicaof("NO", "ONE");
          await later(lagMs);
          const atMs = Date.now();
          lead(replica.url);
          [primary, replica] = [replica, primary];
          await follow();
          return { kind: "failover", fromMs, atMs } as const;
        }),
      putBack: async (afterMs, lead) =>
        await inTurn(async () => {
          const rests = async (): Promise<boolean> => await keepsItsFile(primary.admin);
          await until(rests);
          const copy = join(folder, `copy-${number}`);
          const fromMs = Date.now();
          cpSync(primary.directory, copy, { recursive: true });
          if (!(await rests())) throw new Error("the file was written anew meanwhile");
          await later(afterMs);
          const older = await begin(copy);
          const atMs = Date.now();
          lead(older.url);
          const former = primary;
          primary = older;
          await end(former);
          await follow();
          return { kind: "copy", fromMs, atMs } as const;
        }),
    },
    async stop() {
      await turn;
      await Promise.all([...servers].map(async (server) => await server.stop()));
    },
  };
}

type Server = {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  readonly admin: Redis;
  stop(): Promise<void>;
};

/** Starts a server, and starts it again at the same port whenever it ends. */
async function startServer(
  program: string,
  directory: string,
  more: Readonly<Record<string, string>>,
): Promise<Server> {
  const port = await freePort();
  const settings = {
    port: String(port),
    bind: "127.0.0.1",
    dir: directory,
    requirepass: PASSWORD,
    masterauth: PASSWORD,
    appendonly: "yes",
    appendfsync: "always",
    save: "",
    "maxmemory-policy": "noeviction",
    "repl-diskless-sync-delay": "0",
    "repl-backlog-size": "64mb",
    logfile: join(directory, "redis.log"),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const env = { PATH: process.env["PATH"], LC_ALL: "C", ...more };
  const life = { isOver: false };
  let child: ChildProcess;
  const live = async (): Promise<void> => {
    while (!life.isOver) {
      // As docs/redis.md asks of everybody's server.
      await cutHalfTransaction(directory);
      child = spawn(program, args, { env, stdio: "ignore", cwd: directory });
      await once(child, "exit").catch(() => {});
      if (!life.isOver) await later(RESTART_DELAY_MS);
    }
  };
  const living = live();
  const url = `redis://:${PASSWORD}@127.0.0.1:${port}/0`;
  const admin = connectionTo(url);
  await until(async () => (await admin.ping()) === "PONG");
  return {
    url,
    port,
    directory,
    admin,
    async stop() {
      life.isOver = true;
      admin.disconnect();
      for (const signal of ["SIGCONT", "SIGKILL"] as const) child.kill(signal);
      await living;
    },
  };
}

/** Whether all that the server knows stands in its append-only file, and no other file is being written in its place. */
async function keepsItsFile(admin: Redis): Promise<boolean> {
  const facts = await admin.info("persistence");
  const rests = [
    "aof_enabled:1",
    "aof_rewrite_in_progress:0",
    "aof_rewrite_scheduled:0",
    "aof_last_bgrewrite_status:ok",
  ];
  return rests.every((each) => facts.includes(each)) && facts.includes("loading:0");
}

/** Whether the replica has all that the primary has answered until now. */
async function hasAll(admin: Redis): Promise<boolean> {
  await admin.set("chaos:mark", Date.now());
  return (await admin.wait(1, WAIT_MS)) >= 1;
}

function connectionTo(url: string): Redis {
  const admin = new Redis(url, { maxRetriesPerRequest: null });
  admin.on("error", () => {});
  return admin;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > end) throw new Error(`never so: ${holds.toString()}`);
    await later(20);
  }
}

async function later(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
