import { Cluster } from "ioredis";
import { startCluster } from "../redis-cluster.ts";
import { findRedisPrograms, NO_PROGRAM, until, type RedisServer } from "../redis-programs.ts";
import { NeverError } from "./never.ts";
import type { Loss, RedisServers } from "./redis-servers.ts";

/** The hash tags of all keys that a run has: the intake's, and the destination's. Each is on one server, or both on the same. */
export const CLUSTER_TAGS = ["{sluice:intake}", "{sluice:crm}"] as const;
export type ClusterTag = (typeof CLUSTER_TAGS)[number];

/** Faults of a Redis Cluster, each of the server that has a tag's keys. They come one after the other, each on a cluster that is whole. */
export type ClusterFaults = {
  /** Whether one of them is under way. */
  readonly isBusy: boolean;
  /**
   * Kills the server; its replica takes over, and after so long the dead one comes back as a replica. For `lagMs` before, the replica gets
   * nothing.
   */
  kill(tag: ClusterTag, lagMs: number, deadForMs: number): Promise<Loss>;
  /** Stops the server for so long. Null: its replica did not take over. */
  freezeMaster(tag: ClusterTag, forMs: number): Promise<Loss | null>;
  freezeReplica(tag: ClusterTag, forMs: number): Promise<void>;
  /** Moves the tag's slot to another server, and rests for so long when half of its keys have gone. */
  moveSlot(tag: ClusterTag, restMs: number): Promise<void>;
  /** Ends all connections of clients to the server. */
  cut(tag: ClusterTag): Promise<void>;
};

/** Three servers and their replicas, as processes of this machine, which write to their files before they answer. */
export async function clusterServers(): Promise<RedisServers> {
  const programs = await findRedisPrograms();
  if (programs === null) throw new Error(NO_PROGRAM);
  const cluster = await startCluster(programs, { appendfsync: "always" }).catch(async (error: unknown) => {
    await programs.stop();
    throw error;
  });
  const books = new Cluster(
    cluster.servers.map(({ port }) => ({ host: "127.0.0.1", port })),
    { clusterRetryStrategy: () => 500, redisOptions: { maxRetriesPerRequest: 3 } },
  );
  books.on("error", () => {});

  let turn: Promise<unknown> = Promise.resolve();
  let isBusy = false;
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const whole = async (): Promise<T> => {
      isBusy = true;
      try {
        await until(cluster.isWhole);
        return await work();
      } finally {
        isBusy = false;
      }
    };
    const mine = turn.then(whole);
    turn = mine.catch(() => {});
    return await mine;
  };
  /** The server that has the tag's keys, and its replica, which has all that was answered until now. */
  const pairOf = async (tag: ClusterTag): Promise<readonly [master: RedisServer, replica: RedisServer]> => {
    const master = await cluster.ownerOf(tag);
    const replica = await cluster.replicaOf(master);
    const offset = await offsetOf(master, "master_repl_offset");
    await until(async () => (await offsetOf(replica, "slave_repl_offset")) >= offset);
    return [master, replica];
  };

  const faults: ClusterFaults = {
    get isBusy() {
      return isBusy;
    },
    kill: async (tag, lagMs, deadForMs) =>
      await inTurn(async () => {
        const [master, heir] = await pairOf(tag);
        const fromMs = Date.now();
        if (lagMs > 0) {
          heir.signal("SIGSTOP");
          // A link that stands would bring all of it once the replica goes on.
          await master.admin.call("CLIENT", "KILL", "TYPE", "replica");
          await later(lagMs);
        }
        const marks = await marksOf(master);
        await master.kill();
        heir.signal("SIGCONT");
        // Before it leads: then others raise its marks again.
        await heir.admin.call("READONLY");
        const wentBack = (await marksOf(heir)).some((mark, at) => mark < marks[at]!);
        await until(async () => await leads(heir));
        const atMs = Date.now();
        await later(deadForMs);
        await master.begin();
        await until(cluster.isWhole);
        return { kind: wentBack ? "failover" : "death", fromMs, atMs } as const;
      }),
    freezeMaster: async (tag, forMs) =>
      await inTurn(async () => {
        const [master, heir] = await pairOf(tag);
        const fromMs = Date.now();
        await frozen(master, forMs);
        if (await leads(heir)) await until(async () => !(await leads(master)));
        const atMs = Date.now();
        await until(cluster.isWhole);
        return (await leads(heir)) ? ({ kind: "death", fromMs, atMs } as const) : null;
      }),
    freezeReplica: async (tag, forMs) =>
      await inTurn(async () => {
        const [, replica] = await pairOf(tag);
        await frozen(replica, forMs);
      }),
    moveSlot: async (tag, restMs) =>
      await inTurn(async () => {
        const to = await cluster.otherThan(await cluster.ownerOf(tag));
        await cluster
          .moveSlot(tag, to, async () => await later(restMs))
          .catch((error: unknown) => {
            throw new NeverError(`half a slot was moved: ${String(error)}`);
          });
      }),
    async cut(tag) {
      await (await cluster.ownerOf(tag)).admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    },
  };

  return {
    url: cluster.url,
    program: "a cluster of three masters and three replicas",
    admin: null,
    books,
    takesSignals: false,
    succession: null,
    system: null,
    cluster: faults,
    async stop() {
      await turn;
      books.disconnect();
      await programs.stop();
    },
  };
}

async function leads({ admin }: RedisServer): Promise<boolean> {
  return (await admin.info("replication")).includes("role:master");
}

/** The highest arrival and the highest token of the destination, which never sink; 0 on a server that has them not. */
async function marksOf({ admin }: RedisServer): Promise<readonly number[]> {
  const asked = [admin.get("{sluice:intake}:arrival"), admin.hget("{sluice:crm}:gate", "mark")];
  return await Promise.all(asked.map(async (answer) => Number(await answer.catch(() => 0))));
}

async function offsetOf({ admin }: RedisServer, name: string): Promise<number> {
  return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(await admin.info("replication"))?.[1]);
}

async function frozen(server: RedisServer, forMs: number): Promise<void> {
  server.signal("SIGSTOP");
  await later(forMs);
  server.signal("SIGCONT");
}

async function later(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
