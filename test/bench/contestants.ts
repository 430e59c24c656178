import { startChild } from "./child.ts";

/** Who is measured. */
export type Contestant = {
  readonly letter: "a" | "b" | "c";
  readonly title: string;
  /** How to see that all is drained; null: nothing is passed on. */
  readonly drainedBy: "calls" | "records" | null;
  start(surroundings: Surroundings): Promise<RunningContestant>;
  /** The door alone, and later the worker: what comes in meanwhile is a backlog. */
  startDoor?(surroundings: Surroundings): Promise<Door>;
};

export type Surroundings = {
  readonly redisUrl: string;
  readonly destinationUrl: string;
  /** For profiles: options for the Node.js of doors and workers. */
  readonly nodeOptions: readonly string[];
  /** Sluice's configuration, a file in contestants; sluice.yaml unless given. */
  readonly configuration?: string;
};

export type Door = RunningContestant & { startWorker(): Promise<void> };
export type RunningContestant = { readonly url: string; stop(): Promise<void> };

export const CONTESTANTS: readonly Contestant[] = [
  {
    letter: "a",
    title: "bare Express",
    drainedBy: null,
    start: async ({ nodeOptions }) => await startChild("contestants/bare.ts", {}, nodeOptions),
  },
  {
    letter: "b",
    title: "by hand",
    drainedBy: "calls",
    start: async (surroundings) => await startPair("by-hand-door.ts", "by-hand-worker.ts", surroundings),
    startDoor: async (surroundings) => await openDoor("by-hand-door.ts", "by-hand-worker.ts", surroundings),
  },
  {
    letter: "c",
    title: "Sluice",
    drainedBy: "records",
    start: async (surroundings) => await startPair("sluice-ingress.ts", "sluice-worker.ts", surroundings),
    startDoor: async (surroundings) => await openDoor("sluice-ingress.ts", "sluice-worker.ts", surroundings),
  },
];

async function startPair(door: string, worker: string, surroundings: Surroundings): Promise<RunningContestant> {
  const opened = await openDoor(door, worker, surroundings);
  try {
    await opened.startWorker();
  } catch (error) {
    await opened.stop();
    throw error;
  }
  return opened;
}

async function openDoor(door: string, worker: string, surroundings: Surroundings): Promise<Door> {
  const { nodeOptions, ...settings } = surroundings;
  const children = [await startChild(`contestants/${door}`, settings, nodeOptions)];
  return {
    url: children[0]?.url ?? "",
    async startWorker() {
      children.push(await startChild(`contestants/${worker}`, settings, nodeOptions));
    },
    async stop() {
      for (const child of children) await child.stop();
    },
  };
}
