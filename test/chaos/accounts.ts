import type { BookReader } from "./redis-servers.ts";

/** The books of the lanes, read from Redis itself rather than through the product. */
export type Accounts = {
  readonly accepted: number;
  readonly pending: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Records that are to be claimed some time. */
  readonly due: number;
  /** Jobs of the intake that are not understood yet. */
  readonly waitingJobs: number;
  /** Events that were understood, and those of them whose end is known. */
  readonly understood: number;
  readonly results: number;
};

const OUTCOMES = ["applied", "merged", "superseded", "unchanged", "dead", "discarded"];

export async function readAccounts(
  redis: BookReader,
  destinations: readonly string[] = ["crm"],
  lanes = 1,
): Promise<Accounts> {
  const counts: [string, string][] = [];
  let due = 0;
  for (const lane of destinations.flatMap((name) => tagsOf(name, lanes))) {
    counts.push(...Object.entries(await redis.hgetall(`${lane}:counts`)));
    due += await redis.zcard(`${lane}:due`);
  }
  const books = await redis.hgetall("{sluice:intake}:books");
  const event = (...results: readonly string[]): number =>
    Object.entries(books).reduce(
      (total, [name, count]) => total + (results.some((result) => name.startsWith(`${result}:`)) ? Number(count) : 0),
      0,
    );
  const sum = (what: string): number =>
    counts.reduce((total, [name, count]) => total + (name.startsWith(`${what}:`) ? Number(count) : 0), 0);
  return {
    due,
    waitingJobs: await waitingJobs(redis),
    understood: event("understood"),
    results: event("made", "duplicate", "ignored", "dead"),
    accepted: sum("accepted"),
    pending: sum("open"),
    outcomes: Object.fromEntries(OUTCOMES.map((outcome) => [outcome, sum(outcome)])),
  };
}

function tagsOf(destination: string, lanes: number): readonly string[] {
  return Array.from({ length: lanes }, (_, place) => `{sluice:${destination}${place === 0 ? "" : `:~${place}`}}`);
}

async function waitingJobs(redis: BookReader): Promise<number> {
  const counts = ["webhooks", "large", "backfill"].flatMap((name) => {
    const queue = `{sluice:intake}:${name}:`;
    return [redis.llen(`${queue}wait`), redis.llen(`${queue}active`), redis.zcard(`${queue}delayed`)];
  });
  return (await Promise.all(counts)).reduce((total, count) => total + count, 0);
}

/** The sums that are wrong at any moment, whatever is under way. Each read of the books is of one moment. */
export function imbalance({ accepted, pending, outcomes, understood, results }: Accounts): string[] {
  const ended = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return [
    ...(accepted === ended + pending ? [] : [`accepted ${accepted} ≠ outcomes ${ended} + pending ${pending}`]),
    ...(understood === results ? [] : [`${understood} events were understood, and ${results} have a result`]),
    ...(pending < 0 ? [`${pending} changes are pending`] : []),
  ];
}

/** Changes that were sent, each counted once, unreadable events among them; and how many of them may be missing. */
export type Sent = {
  readonly changes: number;
  readonly dead: number;
  readonly mayMiss: { readonly changes: number; readonly dead: number };
  /** Repetitions that may have come in under another name of the destination before its books were moved, and count then. */
  readonly mayRepeat: number;
};

/** The sums that are wrong at the end. */
export function unaccounted(accounts: Accounts, sent: Sent): string[] {
  const { accepted, pending, outcomes, due } = accounts;
  const dead = outcomes["dead"] ?? 0;
  const isOff = (is: number, should: number, mayMiss: number): boolean =>
    is > should + sent.mayRepeat || is < should - mayMiss;
  const but = (mayMiss: number): string => (mayMiss === 0 ? "" : `, of which ${mayMiss} may be missing`);
  return [
    ...imbalance(accounts),
    ...(isOff(accepted, sent.changes, sent.mayMiss.changes)
      ? [`${accepted} changes were accepted, ${sent.changes} were sent${but(sent.mayMiss.changes)}`]
      : []),
    ...(pending <= 0 ? [] : [`${pending} changes are still pending`]),
    ...(due === 0 ? [] : [`${due} records are still due`]),
    ...(isOff(dead, sent.dead, sent.mayMiss.dead)
      ? [`${dead} changes are dead, ${sent.dead} should be${but(sent.mayMiss.dead)}`]
      : []),
  ];
}
