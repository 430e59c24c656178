/** How much of its memory Redis may use before the door closes: a share of what it has, or bytes. */
export type MemoryBudget = { readonly share: number } | { readonly bytes: number };

/** Null: Redis does not say how much it has, and the budget is a share of it. */
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
