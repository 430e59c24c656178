import { compare, expectedRecords, type Change, type ExpectedRecord, type Value } from "./oracle.ts";
import type { SentEvent } from "./history.ts";
import { readStampText } from "./history.ts";
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

export function excusedBy(
  losses: readonly Loss[],
  sent: {
    readonly events: readonly SentEvent[];
    readonly heard: ReadonlyMap<string, readonly Heard[]>;
    /** The ends of each door. */
    readonly doorEndsMs: readonly (readonly number[])[];
  },
): Excused {
  const isIn = ({ fromMs, atMs }: Loss, { atMs: heardMs }: Heard): boolean =>
    heardMs >= fromMs - BEFORE_MS && heardMs <= atMs + AFTER_MS;
  const mayBeLost = (heard: Heard): boolean =>
    losses.some((loss) => {
      if (!isIn(loss, heard)) return false;
      if (heard.atMs < loss.atMs - HELD_MS) return true;
      const ends = sent.doorEndsMs[heard.door] ?? [];
      return ends.some((atMs) => atMs >= heard.atMs && atMs <= loss.atMs + ADDED_AGAIN_WITHIN_MS);
    });
  const heardOf = (event: SentEvent): readonly Heard[] => sent.heard.get(event.id) ?? [];
  const isExcused = (event: SentEvent): boolean => heardOf(event).length > 0 && heardOf(event).every(mayBeLost);
  const events = sent.events.filter(isExcused);
  const touched = new Set(
    sent.events
      .filter((event) => heardOf(event).some((heard) => losses.some((loss) => isIn(loss, heard))))
      .flatMap(({ changes }) => changes.map(({ record }) => record)),
  );

  const lost = byRecord(events.flatMap(({ changes }) => changes));
  const lostEvents = new Set(events);
  // The events of these records that must have been kept for certain.
  const kept = expectedRecords(
    sent.events
      .filter((event) => !lostEvents.has(event))
      .flatMap(({ changes }) => changes)
      .filter(({ record }) => lost.has(record)),
  );
  return {
    events,
    touched,
    allows(record, field, is) {
      const changes = lost.get(record);
      return changes !== undefined && isPossible(kept.get(record), changes, field, is);
    },
  };
}

/** A value is possible with any of the lost changes or without: never older than the kept one. */
function isPossible(
  kept: ExpectedRecord | undefined,
  lost: readonly Change[],
  field: string | null,
  is: unknown,
): boolean {
  const mayBeGone = lost.some(({ fields }) => fields === null);
  if (field === null) return kept === undefined || mayBeGone;
  const before = kept?.get(field);
  if (is === before) return true;
  const said: readonly (Value | undefined)[] = lost.map(({ fields }) => fields?.get(field));
  if (is === undefined) return before === undefined || mayBeGone || said.includes(null);
  if (!said.includes(is as Value)) return false;
  const [newer, older] = [is, before].map((text) => (typeof text === "string" ? readStampText(text) : null));
  return newer == null || older == null || compare(newer, older) > 0;
}

function byRecord(changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  const of = new Map<string, Change[]>();
  for (const change of changes) {
    const list = of.get(change.record);
    if (list === undefined) of.set(change.record, [change]);
    else list.push(change);
  }
  return of;
}
