import { INTAKE_SHARE, PRESSED_RETRY_AFTER_S, UNDERSTANDING_SHARE } from "../limits.ts";
import type { ServerFacts } from "./server.ts";
import { QueueUnavailableError } from "../connection/unavailable.ts";
import type { ServerState } from "./watch.ts";

/** How much of its memory Redis may use before the door closes: a share of what it has, or bytes. */
export type MemoryBudget = { readonly share: number } | { readonly bytes: number };

/** The budget in bytes. Null: it is a share of Redis' memory, and Redis does not say how much that is. */
export function budgetBytes(budget: MemoryBudget, limitBytes: number | null): number | null {
  if ("bytes" in budget) return budget.bytes;
  return limitBytes === null ? null : Math.floor(limitBytes * budget.share);
}

/** The door opens again only this far below the budget, so that it does not open and close with every record. */
const REOPEN_SHARE = 0.95;

/** Whether Redis holds too much to admit more: from the budget on, until it is 5 % below. */
export function isPressed(wasPressed: boolean, usedBytes: number, budget: number | null): boolean {
  if (budget === null) return false;
  return usedBytes >= (wasPressed ? budget * REOPEN_SHARE : budget);
}

/** Understanding goes on only this far below UNDERSTANDING_SHARE, for the same reason. */
const GO_ON_SHARE = 0.98;

/** Whether understanding must rest: the memory that is left in Redis is needed by what was understood already. */
export function mustRest(wasResting: boolean, { usedBytes, limitBytes }: ServerFacts): boolean {
  if (limitBytes === null) return false;
  const room = limitBytes * UNDERSTANDING_SHARE;
  return usedBytes >= (wasResting ? room * GO_ON_SHARE : room);
}

/** The budget leaves no step between the door's closing and where understanding must rest. */
export class BudgetTooLargeError extends Error {
  readonly code = "redis_budget_too_large";
  readonly hint = "set `redis_memory_budget` to 80%, or give Redis more memory (maxmemory)";

  constructor(budget: number, limitBytes: number) {
    super(
      `\`redis_memory_budget\` is ${budget} bytes of the ${limitBytes} that Redis has: it must be below 90 %, from which on ` +
        `nothing is understood, so that what was understood finds room`,
    );
    this.name = "BudgetTooLargeError";
  }
}

/** @throws BudgetTooLargeError */
export function assertRoomToUnderstand(budget: number | null, limitBytes: number | null): void {
  if (budget === null || limitBytes === null || budget < limitBytes * UNDERSTANDING_SHARE) return;
  throw new BudgetTooLargeError(budget, limitBytes);
}

/** The check before each webhook that the door takes: it throws QueueUnavailableError while Redis, or the intake's share of it, is full. */
export function intakeRoom(server: () => ServerState, waitingBytes: () => number): () => void {
  let isFull = false;
  return () => {
    const { pressed, facts, budgetBytes: budget } = server();
    if (pressed) {
      throw new QueueUnavailableError(
        `Redis uses ${facts.usedBytes} bytes of the ${budget} that redis_memory_budget allows it`,
        { retryAfterSeconds: PRESSED_RETRY_AFTER_S },
      );
    }
    isFull = isPressed(isFull, waitingBytes(), budget === null ? null : budget * INTAKE_SHARE);
    if (!isFull) return;
    throw new QueueUnavailableError(
      `${waitingBytes()} bytes wait to be understood, and an eighth of redis_memory_budget may`,
      { retryAfterSeconds: PRESSED_RETRY_AFTER_S },
    );
  };
}
