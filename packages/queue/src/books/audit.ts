import { OUTCOMES, type Outcome } from "@sluice/record";
import type { LaneNumbers } from "./lane-numbers.ts";
import { AUDIT_PAGE, AUDIT_TRIES } from "../limits.ts";

/** One source's accounts at one destination. */
export type SourceAccount = {
  readonly source: string;
  readonly accepted: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly pending: number;
  /** accepted − outcomes − pending: 0, or the accounts are wrong. */
  readonly missing: number;
  /** Pending, added up from the records themselves. Null: the lane never stood still for as long as that takes. */
  readonly recounted: number | null;
};

/** The accounts and records of a lane, as the audit reads them. Each call is atomic; the walk over the records as a whole is not. */
export type LaneAccounts = {
  numbers(): Promise<LaneNumbers>;
  /** A page of the records that have something pending, and the cursor of the next page, "0" after the last. */
  dueRecords(cursor: string, count: number): Promise<readonly [cursor: string, records: readonly string[]]>;
  /** Open changes of these records, by source. */
  recount(records: readonly string[]): Promise<ReadonlyMap<string, number>>;
};

/**
 * Holds the accounts of a lane against themselves, accepted = Σ outcomes + pending for each source, read in one
 * command and so exact under traffic; and the pending ones against the records, which is exact only if nothing was
 * admitted or settled during the walk: the walk is tried a few times.
 * @param onProgress called with records walked, and how many there are
 */
export async function auditBooks(
  books: LaneAccounts,
  onProgress: (walked: number, of: number) => void,
): Promise<readonly SourceAccount[]> {
  let before = await books.numbers();
  for (let tries = 0; tries < AUDIT_TRIES; tries += 1) {
    const recounted = await walk(books, before.pendingRecords, onProgress);
    const after = await books.numbers();
    if (totals(before) === totals(after)) return accountsOf(after, recounted);
    before = after;
  }
  return accountsOf(before);
}

/** Whether the accounts, as far as they could be compared, are right. */
export function isBalanced(account: SourceAccount): boolean {
  return account.missing === 0 && (account.recounted === null || account.recounted === account.pending);
}

async function walk(
  books: LaneAccounts,
  of: number,
  onProgress: (walked: number, of: number) => void,
): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>();
  // A sorted set that changes while it is walked may show a record twice.
  const seen = new Set<string>();
  let cursor = "0";
  do {
    const [next, records] = await books.dueRecords(cursor, AUDIT_PAGE);
    cursor = next;
    const fresh = records.filter((record) => !seen.has(record));
    for (const record of fresh) seen.add(record);
    for (let at = 0; at < fresh.length; at += AUDIT_PAGE) {
      for (const [source, open] of await books.recount(fresh.slice(at, at + AUDIT_PAGE))) {
        sums.set(source, (sums.get(source) ?? 0) + open);
      }
    }
    onProgress(seen.size, of);
  } while (cursor !== "0");
  return sums;
}

/** The accounts of a lane by source, as its numbers tell them. */
export function accountsOf(
  numbers: LaneNumbers,
  recounted: ReadonlyMap<string, number> | null = null,
): readonly SourceAccount[] {
  const { accepted, open, outcomes } = numbers;
  const sources = new Set([
    ...accepted.keys(),
    ...open.keys(),
    ...[...outcomes.values()].flatMap((by) => [...by.keys()]),
  ]);
  for (const source of recounted?.keys() ?? []) sources.add(source);
  return [...sources].toSorted().map((source) => {
    const ended = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, outcomes.get(outcome)?.get(source) ?? 0]));
    const all = accepted.get(source) ?? 0;
    const pending = open.get(source) ?? 0;
    return {
      source,
      accepted: all,
      outcomes: ended as Record<Outcome, number>,
      pending,
      missing: all - pending - Object.values(ended).reduce((sum, count) => sum + count, 0),
      recounted: recounted === null ? null : (recounted.get(source) ?? 0),
    };
  });
}

/** The accounts as one text. Two equal ones, before and after a walk, say that nothing was admitted or ended meanwhile. */
function totals({ accepted, open }: LaneNumbers): string {
  const rows = [...accepted].map(([source, count]) => `${source} ${count} ${open.get(source) ?? 0}`);
  return rows.toSorted().join("\n");
}
