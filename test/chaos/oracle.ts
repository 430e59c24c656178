/**
 * The state that every record must have at the end, computed from the sent events and from nothing of the product: the rule
 * of docs/design.md §4.4, written a third time and as plainly as it can be. It sees all changes at once, so it needs no
 * ledger, no pending values and no idea of order of arrival.
 *
 * - A record's newest delete draws a line: changes older than it never were.
 * - With nothing newer than that line there is no record.
 * - Otherwise each field has the value of the newest change above the line that spoke of it; null says nothing.
 */
export type Stamp = {
  readonly version: bigint;
  /** The source's place in the configuration. */
  readonly rank: number;
  readonly id: string;
};
export type Value = string | number | boolean | null;

/** The meaning of one event for one record. */
export type Change = {
  /** Object and external id, e.g. `contact c-17`. */
  readonly record: string;
  readonly stamp: Stamp;
  /** Null: a delete. The record's name is a field here. */
  readonly fields: ReadonlyMap<string, Value> | null;
};

/** Fields by name; a field that was cleared or never set is not in it. */
export type ExpectedRecord = ReadonlyMap<string, Exclude<Value, null>>;

export function expectedRecords(changes: Iterable<Change>): Map<string, ExpectedRecord> {
  const byRecord = new Map<string, Change[]>();
  for (const change of changes) {
    const of = byRecord.get(change.record);
    if (of === undefined) byRecord.set(change.record, [change]);
    else of.push(change);
  }
  const expected = new Map<string, ExpectedRecord>();
  for (const [record, all] of byRecord) {
    const found = expectedRecord(all);
    if (found !== null) expected.set(record, found);
  }
  return expected;
}

function expectedRecord(changes: readonly Change[]): ExpectedRecord | null {
  const oldestFirst = changes.toSorted((a, b) => compare(a.stamp, b.stamp));
  const above = oldestFirst.slice(oldestFirst.findLastIndex(({ fields }) => fields === null) + 1);
  if (above.length === 0) return null;
  const record = new Map<string, Exclude<Value, null>>();
  for (const { fields } of above) {
    for (const [field, value] of fields ?? []) {
      if (value === null) record.delete(field);
      else record.set(field, value);
    }
  }
  return record;
}

/** Version, then the source that stands later, then the event's id by its bytes. */
export function compare(a: Stamp, b: Stamp): number {
  if (a.version !== b.version) return a.version < b.version ? -1 : 1;
  if (a.rank !== b.rank) return a.rank - b.rank;
  return Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));
}
