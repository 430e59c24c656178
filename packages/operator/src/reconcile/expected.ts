import type { LiveRecord } from "@sluice/queue";
import { compareStamps, type Stamp, type ConfirmedStamp } from "@sluice/record";

/** The newest that flights confirmed of a record: its fields, and its deletion. */
export type ConfirmedOnce = {
  readonly fields: ReadonlyMap<string, ConfirmedStamp>;
  readonly deletion: ConfirmedStamp | null;
};

/**
 * The record as a destination should show it. `unknown` in it: fields of which something newer stands there than anybody here knows.
 * `gone`: it was deleted.
 */
export type Expected =
  | { readonly kind: "record"; readonly fields: ReadonlyMap<string, Stamp>; readonly unknown: readonly string[] }
  | { readonly kind: "gone" }
  | { readonly kind: "unknown" };

/**
 * The newest stamp of each field that was confirmed: by the ledger, or by the flights, where the state in Redis went back or has forgotten.
 * @param live null: Redis knows nothing of the record
 */
export function expectedOf(once: ConfirmedOnce, live: Pick<LiveRecord, "confirmed" | "deleted"> | null): Expected {
  const deletion = once.deletion?.stamp ?? null;
  const fields = new Map<string, Stamp>();
  const unknown: string[] = [];
  for (const field of new Set([...once.fields.keys(), ...(live?.confirmed.keys() ?? [])])) {
    const written = once.fields.get(field);
    // The ledger loses a field with its record's deletion; flights do not, and the tombstone tells.
    const isHidden =
      written !== undefined && (isOlder(written.stamp, deletion) || isOlder(written.stamp, live?.deleted));
    const byFlight = written === undefined || isHidden ? null : written.stamp;
    const kept = live?.confirmed.get(field) ?? null;
    const byLedger = isOlder(kept, deletion) ? null : kept;
    const newest = isOlder(byFlight, byLedger) ? byLedger : (byFlight ?? byLedger);
    if (newest === null) continue;
    if (written?.isShown === false && compareStamps(newest, written.stamp) === 0) unknown.push(field);
    else fields.set(field, newest);
  }
  if (fields.size > 0) return { kind: "record", fields, unknown };
  return unknown.length === 0 && once.deletion?.isShown === true ? { kind: "gone" } : { kind: "unknown" };
}

/** No stamp is older than any. */
function isOlder(stamp: Stamp | null, than: Stamp | null | undefined): boolean {
  if (than === null || than === undefined) return false;
  return stamp === null || compareStamps(stamp, than) < 0;
}
