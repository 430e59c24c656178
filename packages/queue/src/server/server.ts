import type { Redis } from "ioredis";
import { serversOf } from "../connection/owner.ts";

/** A Redis server's own facts, as far as they matter for the promises of Sluice. */
export type ServerFacts = {
  readonly version: string;
  /** Valkey, which calls itself a Redis of an old version. */
  readonly isValkey: boolean;
  readonly role: "master" | "replica";
  /** Replicas that are connected now. */
  readonly replicas: number;
  /** When a confirmed write is on the disk; `unknown`: the server does not tell. */
  readonly sync: "always" | "everysec" | "no" | "snapshots" | "never" | "unknown";
  /** How often Redis gave up waiting for its disk and wrote behind a sync that ran: its `aof_delayed_fsync`. */
  readonly delayedSyncs: number;
  /** Bytes that are answered and not written to the file, while a sync of the file runs; 0: no sync runs. */
  readonly unwrittenBytes: number;
  readonly usedBytes: number;
  /** `maxmemory`, or where it is unset all memory of the server's machine; null: the server does not tell. */
  readonly limitBytes: number | null;
};

/** Reads the facts in one round trip. Rejects when Redis does not answer; of a cluster, when one of its servers does not. */
export async function readServerFacts(redis: Redis): Promise<ServerFacts> {
  return weakestOf(await Promise.all(serversOf(redis).map(readFactsOf)));
}

async function readFactsOf(redis: Redis): Promise<ServerFacts> {
  // A hosted Redis may forbid CONFIG.
  const setting = async (name: string): Promise<string | null> => {
    const answer = await redis.config("GET", name).catch(() => []);
    return Array.isArray(answer) && typeof answer[1] === "string" ? answer[1] : null;
  };
  const [info, appendfsync, save] = await Promise.all([redis.info(), setting("appendfsync"), setting("save")]);
  return parseServerFacts(info, appendfsync, save);
}

/** How much memory Redis uses, and has. */
export async function readMemory(redis: Redis): Promise<Pick<ServerFacts, "usedBytes" | "limitBytes">> {
  const infos = await Promise.all(serversOf(redis).map(async (server) => await server.info("memory")));
  return fullestOf(infos.map((info) => parseServerFacts(info, null, null)));
}

/** The facts of several servers as those of the one that could keep every promise which all of them keep. */
export function weakestOf(servers: readonly ServerFacts[]): ServerFacts {
  const [first, ...others] = servers;
  if (first === undefined) throw new Error("the cluster has no server");
  if (others.length === 0) return first;
  const syncs = servers.map(({ sync }) => SYNCS.indexOf(sync));
  return {
    version: servers.map(({ version }) => version).toSorted(byVersion)[0]!,
    isValkey: servers.some(({ isValkey }) => isValkey),
    role: servers.some(({ role }) => role === "replica") ? "replica" : "master",
    replicas: Math.min(...servers.map(({ replicas }) => replicas)),
    sync: SYNCS[Math.min(...syncs)]!,
    delayedSyncs: servers.reduce((sum, { delayedSyncs }) => sum + delayedSyncs, 0),
    unwrittenBytes: servers.reduce((sum, { unwrittenBytes }) => sum + unwrittenBytes, 0),
    ...fullestOf(servers),
  };
}

/** From the weakest to the strongest. */
const SYNCS = [
  "unknown",
  "never",
  "snapshots",
  "no",
  "everysec",
  "always",
] as const satisfies readonly ServerFacts["sync"][];

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

type Memory = Pick<ServerFacts, "usedBytes" | "limitBytes">;

/** The server with the least room left, since nobody chooses where a lane lives. */
function fullestOf(servers: readonly Memory[]): Memory {
  const share = ({ usedBytes, limitBytes }: Memory): number => (limitBytes === null ? 0 : usedBytes / limitBytes);
  const { usedBytes, limitBytes } = servers.reduce((most, each) => (share(each) > share(most) ? each : most));
  return { usedBytes, limitBytes };
}

/** Reads the facts from the text of INFO; a setting is null where the server does not tell it. */
export function parseServerFacts(info: string, appendfsync: string | null, save: string | null): ServerFacts {
  const text = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
  const number = (name: string): number => Number(text(name) ?? 0);
  const limit = number("maxmemory") || number("total_system_memory");
  return {
    version: text("redis_version") ?? "unknown",
    isValkey: text("valkey_version") !== undefined,
    role: text("role") === "slave" ? "replica" : "master",
    replicas: number("connected_slaves"),
    sync: syncOf(text("aof_enabled"), appendfsync, save),
    delayedSyncs: number("aof_delayed_fsync"),
    unwrittenBytes: number("aof_pending_bio_fsync") > 0 ? number("aof_buffer_length") : 0,
    usedBytes: number("used_memory"),
    limitBytes: limit > 0 ? limit : null,
  };
}

function syncOf(aof: string | undefined, appendfsync: string | null, save: string | null): ServerFacts["sync"] {
  if (aof === "1") {
    return appendfsync === "always" || appendfsync === "everysec" || appendfsync === "no" ? appendfsync : "unknown";
  }
  if (aof !== "0" || save === null) return "unknown";
  return save === "" ? "never" : "snapshots";
}
