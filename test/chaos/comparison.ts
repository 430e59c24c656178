import { readStampText } from "./history.ts";
import type { Excused } from "./excused.ts";
import { compare, type ExpectedRecord } from "./oracle.ts";

/** The store's content beside the expected one. */
export type Comparison = {
  readonly records: number;
  readonly fields: number;
  /** A newer value than the store holds was sent and acknowledged, or the store holds nothing. */
  readonly lost: readonly string[];
  /** The store holds a forbidden value: a deleted record, a cleared field, a value that nobody sent last. */
  readonly wrong: readonly string[];
  /** Differences that the documentation allows for in this run. */
  readonly excused: number;
};

export function compareRecords(
  expected: ReadonlyMap<string, ExpectedRecord>,
  stored: ReadonlyMap<string, ReadonlyMap<string, unknown>>,
  excused: Pick<Excused, "allows"> = { allows: () => false },
): Comparison {
  let allowed = 0;
  const allows = (record: string, field: string | null, is: unknown): boolean => {
    const may = excused.allows(record, field, is);
    if (may) allowed += 1;
    return may;
  };
  const lost: string[] = [];
  const wrong: string[] = [];
  let fields = 0;
  for (const [record, should] of expected) {
    const is = stored.get(record);
    if (is === undefined) {
      if (!allows(record, null, undefined)) lost.push(`${record} is not there; it should be ${text(should)}`);
      continue;
    }
    for (const field of new Set([...should.keys(), ...is.keys()])) {
      fields += 1;
      const [a, b] = [should.get(field), is.get(field)];
      if (a === b || allows(record, field, b)) continue;
      const line = `${record} ${field} is ${JSON.stringify(b)}, should be ${JSON.stringify(a)}`;
      (isOlder(b, a) ? lost : wrong).push(line);
    }
  }
  for (const [record, is] of stored) {
    if (expected.has(record)) continue;
    const isAllowed = [...is].every(([field, value]) => allows(record, field, value));
    if (!isAllowed) wrong.push(`${record} is there as ${text(is)}; it should have been deleted`);
  }
  return { records: new Set([...expected.keys(), ...stored.keys()]).size, fields, lost, wrong, excused: allowed };
}

function isOlder(is: unknown, should: unknown): boolean {
  if (is === undefined) return true;
  if (typeof is !== "string" || typeof should !== "string") return should !== undefined;
  const [older, newer] = [readStampText(is), readStampText(should)];
  return older !== null && newer !== null && compare(older, newer) < 0;
}

function text(record: ReadonlyMap<string, unknown>): string {
  return JSON.stringify(Object.fromEntries(record));
}
