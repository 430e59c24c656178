import type { SentEvent } from "./history.ts";
import { compare, expectedRecords, type Change, type ExpectedRecord } from "./oracle.ts";
import type { Loss } from "./redis-servers.ts";
import type { Heard } from "./senders.ts";

/** The losses that docs/durability.md allows in this run, and not more. */
export type Excused = {
  /** Events with acknowledgements of the lost time alone, each by a door that could not make it good. */
  readonly events: readonly SentEvent[];
  /** Records of events with any acknowledgement of such a time: at a store that checks no token they may go back for a while. */
  readonly touched: ReadonlySet<string>;
  /** Whether the store may hold this value in that record's field; null: whether it may lack the record. */
  allows(record: string, field: string | null, is: unknown): boolean;
};

/** Doors hold their acknowledgements of the last 10 s; slightly younger ones count as older here, for it is a busy machine. */
const HELD_MS = 9000;
/** An answer from shortly before a copy may not be heard yet, and an answer from just before the end may be heard after it. */
const BEFORE_MS = 500;
const AFTER_MS = 2000;
/** A door that ends within this after a state went back may not have added everything again. */
const ADDED_AGAIN_WITHIN_MS = 30_000;
/** A door that says within this of a loss that it has added everything again may mean the loss before. */
const LATE_WORD_MS = 200;

export function excusedBy(
  losses: readonly Loss[],
  sent: {
    readonly events: readonly SentEvent[];
    readonly heard: ReadonlyMap<string, readonly Heard[]>;
    /** The ends of each door. */
    readonly doorEndsMs: readonly (readonly number[])[];
    /** When each door said that it has added everything again. */
    readonly madeGoodMs: readonly (readonly number[])[];
  },
): Excused {
  const inOrder = losses.toSorted((a, b) => a.atMs - b.atMs);
  const isIn = ({ fromMs, atMs }: Loss, heard: Pick<Heard, "atMs">, untilMs = heard.atMs): boolean =>
    untilMs >= fromMs - BEFORE_MS && heard.atMs <= atMs + AFTER_MS;
  const mayBeLost = (heard: Heard): boolean => {
    const ends = sent.doorEndsMs[heard.door] ?? [];
    /** When the door stored the event last: after each loss it does so once more. */
    let [storedMs, untilMs] = [heard.atMs, heard.atMs];
    for (const loss of inOrder) {
      if (!isIn(loss, { atMs: storedMs }, untilMs)) continue;
      if (storedMs < loss.atMs - HELD_MS) return true;
      if (ends.some((atMs) => atMs >= heard.atMs && atMs <= loss.atMs + ADDED_AGAIN_WITHIN_MS)) return true;
      // Until it is said that all is added again the next loss may take it once more.
      const said = (sent.madeGoodMs[heard.door] ?? []).find((atMs) => atMs > loss.atMs + LATE_WORD_MS) ?? Infinity;
      // An answer that is heard just after a loss may be of an event that was stored after it, and was not added again.
      [storedMs, untilMs] = [Math.max(heard.atMs, loss.atMs), Math.max(heard.atMs, said)];
    }
    return false;
  };
  const heardOf = (event: SentEvent): readonly Heard[] => sent.heard.get(event.id) ?? [];
  const isExcused = (event: SentEvent): boolean => heardOf(event).length > 0 && heardOf(event).every(mayBeLost);
  const events = sent.events.filter(isExcused);
  const touched = new Set(
    sent.events
      .filter((event) => heardOf(event).some((heard) => losses.some((loss) => isIn(loss, heard))))
      .flatMap(({ changes }) => changes.map(({ record }) => record)),
  );

  const lost = byRecord(events);
  const lostEvents = new Set(events);
  const kept = byRecord(sent.events.filter((event) => !lostEvents.has(event)));
  const states = new Map<string, readonly (ExpectedRecord | undefined)[]>();
  const statesOf = (record: string): readonly (ExpectedRecord | undefined)[] => {
    const known = states.get(record) ?? [
      ...possible(record, kept.get(record) ?? [], lost.get(record) ?? []),
      ...outlived(record, kept.get(record) ?? [], lost.get(record) ?? []),
    ];
    states.set(record, known);
    return known;
  };
  return {
    events,
    touched,
    allows(record, field, is) {
      if (!lost.has(record)) return false;
      return statesOf(record).some((state) => (field === null ? state === undefined : state?.get(field) === is));
    },
  };
}

/**
 * A record's state with the kept changes alone, and with each lost one beside them. A field that more of the lost changes
 * make together is as one of them alone makes it: the newest of them that speaks of it, or deletes.
 */
function possible(record: string, kept: readonly Change[], lost: readonly Change[]): (ExpectedRecord | undefined)[] {
  return [kept, ...lost.map((change) => [...kept, change])].map((changes) => expectedRecords(changes).get(record));
}

/**
 * The record with the values of one lost change that is older than a delete: where the record lives on, a delete clears what Redis knows
 * as confirmed, and this it did not know.
 */
function outlived(record: string, kept: readonly Change[], lost: readonly Change[]): ExpectedRecord[] {
  const left = expectedRecords(kept).get(record);
  if (left === undefined) return [];
  const isDeletedLater = ({ stamp }: Change): boolean =>
    kept.some((each) => each.fields === null && compare(each.stamp, stamp) > 0);
  return lost.filter(isDeletedLater).map((change) => new Map([...valuesOf(change), ...left]));
}

function valuesOf({ fields }: Change): ExpectedRecord {
  return new Map([...(fields ?? [])].flatMap(([field, value]) => (value === null ? [] : [[field, value] as const])));
}

function byRecord(events: readonly SentEvent[]): ReadonlyMap<string, readonly Change[]> {
  return Map.groupBy(
    events.flatMap(({ changes }) => changes),
    ({ record }) => record,
  );
}
