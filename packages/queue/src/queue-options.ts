import type { Ack } from "./server/acknowledgement.ts";
import type { MemoryBudget } from "./server/pressure.ts";
import type { MarksKeeper } from "./state/state-watch.ts";

export type QueueOptions = {
  readonly redisUrl: string;
  /** `command`: looks, and changes this or that, as a person asks; it waits for Redis no longer than a door. */
  readonly kind: "door" | "worker" | "command";
  readonly destinations: readonly string[];
  /** How many lanes a destination begins with, 1 for one that is not named here. Redis says how many one has that holds something. */
  readonly lanes?: ReadonlyMap<string, number>;
  readonly dedupeWindowMs: number;
  readonly orderingHorizonMs: number;
  /** Keeps several Sluices, or tests, apart in one Redis. */
  readonly namespace?: string;
  /** When a webhook counts as stored, or a merge as done; without it, once Redis carried it out. */
  readonly ack?: Ack;
  /** How much of its memory Redis may use before nothing is admitted; without it, there is no bound. */
  readonly memoryBudget?: MemoryBudget;
  /** Remembers beyond this process how far the state in Redis had come. */
  readonly marksKeeper?: MarksKeeper;
  /** Called in a worker for a destination that has another number of lanes than `lanes` says. */
  readonly onLanes?: (destination: string, lanes: number, wanted: number) => void;
  /** Called for a state that went back, in the one process that tells of it first. */
  readonly onRegress?: (error: Error) => void;
  /** Called when a door has added again what it acknowledged before the state went back, and Redis has confirmed all of it. */
  readonly onAddedAgain?: (webhooks: number) => void;
  readonly nowMs?: () => number;
  readonly onError: (error: Error) => void;
};
