import type { Redis } from "ioredis";

/** The lane's books, read from Redis itself rather than through the product. */
export type Accounts = {
  readonly accepted: number;
  readonly pending: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Records that are to be claimed some time. */
  readonly due: number;
};

const OUTCOMES = ["applied", "merged", "superseded", "unchanged", "dead", "discarded"];

export async function readAccounts(redis: Redis): Promise<Accounts> {
  const counts = await redis.hgetall("{sluice:crm}:counts");
  const sum = (what: string): number =>
    Object.entries(counts).reduce(
      (total, [name, count]) => total + (name.startsWith(`${what}:`) ? Number(count) : 0),
      0,
    );
  return {
    due: await redis.zcard("{sluice:crm}:due"),
    accepted: sum("accepted"),
    pending: sum("open"),
    outcomes: Object.fromEntries(OUTCOMES.map((outcome) => [outcome, sum(outcome)])),
  };
}

/** What does not add up at any moment, whatever is under way; each read of the books is one. */
export function imbalance({ accepted, pending, outcomes }: Accounts): string[] {
  const ended = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return [
    ...(accepted === ended + pending ? [] : [`accepted ${accepted} ≠ outcomes ${ended} + pending ${pending}`]),
    ...(pending < 0 ? [`${pending} changes are pending`] : []),
  ];
}

/** What does not add up at the end. `distinct`: changes that were sent, each counted once, unreadable events among them. */
export function unaccounted(accounts: Accounts, distinct: number, dead: number): string[] {
  const { accepted, pending, outcomes, due } = accounts;
  return [
    ...imbalance(accounts),
    ...(accepted === distinct ? [] : [`${accepted} changes were accepted, ${distinct} were sent`]),
    ...(pending <= 0 ? [] : [`${pending} changes are still pending`]),
    ...(due === 0 ? [] : [`${due} records are still due`]),
    ...(outcomes["dead"] === dead ? [] : [`${outcomes["dead"]} changes are dead, ${dead} should be`]),
  ];
}
