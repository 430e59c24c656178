import { join } from "node:path";
import { startChild } from "./child.ts";
import { startSluice } from "./sluice.ts";
import { NOW, type Tree } from "./tree.ts";

/** A service that is measured. */
export type Contestant = {
  readonly name: "bare Express" | "by hand" | "with history" | Tree["name"];
  /** The redis.conf that the contestant asks for. */
  readonly redisSettings: string;
  startDoor(surroundings: Surroundings): Promise<Running>;
  /** Null: the contestant passes nothing on. */
  readonly startWorker: ((surroundings: Surroundings) => Promise<Running>) | null;
};

export type Surroundings = {
  readonly redisUrl: string;
  readonly destinationUrl: string;
  readonly neighbourUrl?: string;
  /** Sluice's configuration, a file in contestants. */
  readonly configuration: string;
  /** Options for the Node.js of doors and workers, for profiles. */
  readonly nodeOptions: readonly string[];
  /** Variables of Sluice's environment beside those that each Sluice is given. */
  readonly environment?: Readonly<Record<string, string>>;
};

export type Running = { readonly url: string; readonly pid: number; stop(): Promise<void> };

/** The most that Express gives on this machine. */
export const BARE: Contestant = {
  name: "bare Express",
  redisSettings: settingsOf(NOW),
  startDoor: async ({ nodeOptions }) => await startChild("contestants/bare.ts", {}, nodeOptions),
  startWorker: null,
};

/** The service that one would write by hand. */
export const BY_HAND: Contestant = {
  name: "by hand",
  redisSettings: settingsOf(NOW),
  startDoor: async ({ nodeOptions, ...settings }) =>
    await startChild("contestants/by-hand-door.ts", settings, nodeOptions),
  startWorker: async ({ nodeOptions, ...settings }) =>
    await startChild("contestants/by-hand-worker.ts", settings, nodeOptions),
};

export function sluiceOf(tree: Tree): Contestant {
  return {
    name: tree.name,
    redisSettings: settingsOf(tree),
    startDoor: async (surroundings) => await startSluice(tree, "ingress", surroundings),
    startWorker: async (surroundings) => await startSluice(tree, "worker", surroundings),
  };
}

/** The present tree, whose worker keeps a history in this Postgres. */
export function withHistoryIn(databaseUrl: string): Contestant {
  const sluice = sluiceOf(NOW);
  const environment = { SLUICE_HISTORY_DATABASE_URL: databaseUrl };
  return {
    ...sluice,
    name: "with history",
    startWorker: async (surroundings) => await startSluice(NOW, "worker", { ...surroundings, environment }),
  };
}

function settingsOf({ directory }: Tree): string {
  return join(directory, "infra/redis/redis.conf");
}
