import type { Redis } from "ioredis";
import { SERVER_LOOK_EVERY_MS, SLOW_SYNC_TOLD_EVERY_MS } from "../limits.ts";
import { budgetBytes, isPressed, type MemoryBudget } from "./pressure.ts";
import { readServerFacts, type ServerFacts } from "./server.ts";
import { isSyncSlow, SlowSyncError } from "./slow-sync.ts";

/** The facts of Redis that a process knows without asking at each event. */
export type ServerState = {
  readonly facts: ServerFacts;
  /** Null: there is no budget, or Redis does not say how much memory it has. */
  readonly budgetBytes: number | null;
  /** Redis holds too much: nothing is admitted until it is 5 % below the budget. */
  readonly pressed: boolean;
};

export type ServerWatch = {
  readonly state: ServerState;
  close(): void;
};

/** Looks at once and then every second; while Redis does not answer, its last answer stands. */
export async function watchServer(
  redis: Redis,
  budget: MemoryBudget | null,
  onError: (error: Error) => void,
): Promise<ServerWatch> {
  let before: ServerFacts | null = null;
  let slowToldAt = -Infinity;
  const look = async (wasPressed: boolean): Promise<ServerState> => {
    const facts = await readServerFacts(redis);
    const now = performance.now();
    if (isSyncSlow(before, facts) && now - slowToldAt >= SLOW_SYNC_TOLD_EVERY_MS) {
      slowToldAt = now;
      onError(new SlowSyncError(facts));
    }
    before = facts;
    const bytes = budget === null ? null : budgetBytes(budget, facts.limitBytes);
    return { facts, budgetBytes: bytes, pressed: isPressed(wasPressed, facts.usedBytes, bytes) };
  };
  let state = await look(false);
  let looking = false;
  const timer = setInterval(() => {
    if (looking || redis.status !== "ready") return;
    looking = true;
    look(state.pressed)
      .then((seen) => (state = seen))
      .catch(onError)
      .finally(() => (looking = false));
  }, SERVER_LOOK_EVERY_MS);
  timer.unref();
  return {
    get state() {
      return state;
    },
    close: () => clearInterval(timer),
  };
}
