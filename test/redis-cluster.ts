import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "./sluice-process.ts";
import { until, type RedisPrograms, type RedisServer } from "./redis-programs.ts";

/** A cluster of three servers with a replica each, as processes of this machine. */
export type RedisCluster = {
  /** Names three of its six servers. */
  readonly url: string;
  readonly servers: readonly RedisServer[];
  /** The server that has a key's slot now, by what another server says. */
  ownerOf(key: string): Promise<RedisServer>;
  /** The server's replica. */
  replicaOf(server: RedisServer): Promise<RedisServer>;
  /**
   * Moves a key's slot to another server, key by key, as `redis-cli --cluster reshard` does. `during` is waited for when half of the keys
   * have gone.
   */
  moveSlot(key: string, to: RedisServer, during: () => Promise<void>): Promise<{ readonly moved: number }>;
  /** Any server with slots but that one. */
  otherThan(server: RedisServer): Promise<RedisServer>;
  /** Whether every server says that the cluster is well, and every slot has a replica that follows. */
  isWhole(): Promise<boolean>;
};

const SLOTS = 16_384;
/** A server that says nothing for so long is failed over. */
const NODE_TIMEOUT_MS = 4000;
/** A move that is broken off is taken up again for so long. */
const MOVE_DEADLINE_MS = 20_000;

export async function startCluster(
  programs: RedisPrograms,
  more: Readonly<Record<string, string>> = {},
): Promise<RedisCluster> {
  const settings = {
    ...more,
    "cluster-enabled": "yes",
    "cluster-node-timeout": String(NODE_TIMEOUT_MS),
    "cluster-require-full-coverage": "no",
    "cluster-announce-ip": "127.0.0.1",
  };
  const servers: RedisServer[] = [];
  for (let at = 0; at < 6; at += 1) servers.push(await programs.start({ ...settings, port: String(await freePort()) }));
  const masters = servers.slice(0, 3);
  for (const [at, master] of masters.entries()) {
    const from = Math.floor((SLOTS * at) / 3);
    const to = Math.floor((SLOTS * (at + 1)) / 3) - 1;
    const slots = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    await master.admin.call("CLUSTER", "ADDSLOTS", ...slots);
    await master.admin.call("CLUSTER", "SET-CONFIG-EPOCH", at + 1);
  }
  const [first] = servers;
  for (const { port } of servers.slice(1)) await first!.admin.call("CLUSTER", "MEET", "127.0.0.1", port);
  await until(async () =>
    (await Promise.all(servers.map(nodesSeenBy))).every((nodes) => nodes.length === servers.length),
  );
  const ids = new Map<RedisServer, string>();
  for (const server of servers) ids.set(server, String(await server.admin.call("CLUSTER", "MYID")));
  for (const [at, master] of masters.entries()) {
    const replica = servers[at + 3]!;
    await replica.admin.call("CLUSTER", "REPLICATE", ids.get(master)!);
  }
  await until(isWhole);

  async function isWhole(): Promise<boolean> {
    const states = await Promise.all(servers.map(async ({ admin }) => String(await admin.call("CLUSTER", "INFO"))));
    const roles = await Promise.all(servers.map(async ({ admin }) => await admin.info("replication")));
    const following = roles.filter((role) => role.includes("master_link_status:up"));
    const leading = roles.filter((role) => role.includes("role:master"));
    const rows = await slotsNow();
    return (
      states.every((state) => state.includes("cluster_state:ok")) &&
      leading.length === servers.length / 2 &&
      following.length === servers.length / 2 &&
      rows.every(({ ports }) => ports.length === 2)
    );
  }

  function living(): RedisServer[] {
    return servers.filter(({ admin }) => admin.status === "ready");
  }

  function serverAt(port: number): RedisServer {
    return servers.find((server) => server.port === port)!;
  }

  async function slotsNow(): Promise<readonly { from: number; to: number; ports: number[] }[]> {
    const asked = living()[0]!;
    const rows = (await asked.admin.call("CLUSTER", "SLOTS")) as readonly (readonly unknown[])[];
    return rows.map(([from, to, ...nodes]) => ({
      from: Number(from),
      to: Number(to),
      ports: (nodes as readonly (readonly [string, number])[]).map(([, port]) => port),
    }));
  }

  async function slotOf(key: string): Promise<number> {
    return Number(await living()[0]!.admin.call("CLUSTER", "KEYSLOT", key));
  }

  async function rowOf(key: string): Promise<{ ports: number[] }> {
    const slot = await slotOf(key);
    return (await slotsNow()).find(({ from, to }) => from <= slot && slot <= to)!;
  }

  return {
    url: `redis+cluster://${masters.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
    servers,
    ownerOf: async (key) => serverAt((await rowOf(key)).ports[0]!),
    async replicaOf(server) {
      const row = (await slotsNow()).find(({ ports }) => ports[0] === server.port)!;
      return serverAt(row.ports[1]!);
    },
    isWhole,
    async otherThan(server) {
      return serverAt((await slotsNow()).map(({ ports }) => ports[0]!).find((port) => port !== server.port)!);
    },
    async moveSlot(key, to, during) {
      const slot = await slotOf(key);
      const from = serverAt((await rowOf(key)).ports[0]!);
      const id = async ({ admin }: RedisServer): Promise<string> => String(await admin.call("CLUSTER", "MYID"));
      await to.admin.call("CLUSTER", "SETSLOT", slot, "IMPORTING", await id(from));
      await from.admin.call("CLUSTER", "SETSLOT", slot, "MIGRATING", await id(to));
      const all = Number(await from.admin.call("CLUSTER", "COUNTKEYSINSLOT", slot));
      let moved = 0;
      let isHalf = false;
      for (;;) {
        const keys = (await from.admin.call("CLUSTER", "GETKEYSINSLOT", slot, 5)) as string[];
        if (keys.length === 0) break;
        await migrate(from, to, keys);
        moved += keys.length;
        if (moved * 2 < all || isHalf) continue;
        isHalf = true;
        await during();
      }
      const owner = await id(to);
      await to.admin.call("CLUSTER", "SETSLOT", slot, "NODE", owner);
      await from.admin.call("CLUSTER", "SETSLOT", slot, "NODE", owner);
      return { moved };
    },
  };
}

/**
 * Moves keys, and again where the connection between the servers breaks, after which a key may be on both. Half a move that nobody ends is lost to whoever
 * takes over the source: it knows of no move, and answers for keys that have gone as if they had never been (Redis 7.0).
 */
async function migrate(from: RedisServer, to: RedisServer, keys: readonly string[]): Promise<void> {
  const deadline = performance.now() + MOVE_DEADLINE_MS;
  for (;;) {
    try {
      return void (await from.admin.call("MIGRATE", "127.0.0.1", to.port, "", 0, 5000, "REPLACE", "KEYS", ...keys));
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await wait(50);
    }
  }
}

async function nodesSeenBy({ admin }: RedisServer): Promise<readonly string[]> {
  return String(await admin.call("CLUSTER", "NODES"))
    .trim()
    .split("\n")
    .filter((line) => !line.includes("handshake"));
}
