import type { RecordName } from "@sluice/record";
import type { HistoryDatabase } from "./store/connection.ts";
import { LIMITS } from "./limits.ts";
import { compareFound, joinFound } from "./listed.ts";
import type { Page, PageWanted, PagePosition } from "./page.ts";
import { CLOCKS_APART_MICROS, EVER, flightsOfRecords, linesWith, isOverAfter, type IsOver } from "./read.ts";
import { eventRow, isDocument, rowsOf, type EventRow, type FoundEvent } from "./shown/event-row.ts";
import { NewestFirst, isOutOfTime, type Placed } from "./store/newest-first.ts";
import { walk } from "./store/walk.ts";
import { setAsideFlight, compareTokens, endOf, mostTelling, withAside, type ShownOutcome } from "./story/outcome.ts";
import type { Flown } from "./written/flown.ts";
import { searchName } from "./written/names.ts";
import { readUnderstood, type Understood, type UnderstoodChange } from "./written/understood.ts";

/** Which events are meant. Every filter that is given must hold. */
export type EventFilter = {
  readonly destination?: string | undefined;
  readonly object?: string | undefined;
  readonly key?: string | undefined;
  /** The event's id as its sender gave it. */
  readonly event?: string | undefined;
  readonly source?: string | undefined;
  readonly type?: string | undefined;
  readonly outcome?: ShownOutcome | undefined;
  readonly code?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** Text that the webhook's body holds, case aside. */
  readonly text?: string | undefined;
};

type Candidate = FoundEvent & Placed;

/** Events, the newest first. */
export async function findEvents(
  database: HistoryDatabase,
  filter: EventFilter,
  { limit, before, isOver }: PageWanted,
): Promise<Page<EventRow>> {
  const untilMicros = Math.min(before?.[0] ?? EVER, filter.untilMs === undefined ? EVER : filter.untilMs * 1000);
  const fromMicros = (filter.sinceMs ?? 0) * 1000;
  const { names, texts } = lookedFor(filter);
  const opened = walk(database, { stream: "understood", names, fromMicros, untilMicros, order: "newest" }, isOver);
  const candidates = new NewestFirst<Candidate>(
    opened,
    (lines) => candidatesOf(lines, texts, filter),
    joinFound,
    compareFound,
  );
  const items: EventRow[] = [];
  let last: PagePosition | null = null;
  const isListed = (found: Candidate): boolean =>
    found.micros <= untilMicros && found.micros >= fromMicros && (before === null || isBefore(found, before));
  try {
    for (;;) {
      // Candidates are judged some at a time: their flights are read together.
      const some: Candidate[] = [];
      let isEnd = false;
      let outOfTime: unknown = null;
      while (some.length < limit - items.length) {
        const found = await candidates.peek().catch((error: unknown) => {
          if (!isOutOfTime(error)) throw error;
          outOfTime = error;
          return null;
        });
        // The events found until then are judged all the same: the list goes on behind them.
        if (outOfTime !== null) break;
        isEnd = found === null || found.micros < fromMicros;
        if (found === null || isEnd) break;
        candidates.take();
        if (isListed(found)) some.push(found);
      }
      const judged = await judge(database, some, filter, isOverAfter(LIMITS.searchMs));
      items.push(...judged.map(({ row }) => row));
      const lowest = some.at(-1);
      if (lowest !== undefined) last = placeOf(lowest);
      if (outOfTime instanceof Error) throw outOfTime;
      if (isEnd) return { items, next: null, searchedToMs: null };
      if (items.length >= limit) return { items, next: last, searchedToMs: null };
    }
  } catch (error) {
    if (!isOutOfTime(error)) throw error;
    const { safeAbove } = candidates;
    if (safeAbove === Infinity) return { items, next: before ?? [EVER, 0, 0], searchedToMs: null };
    return { items, next: [safeAbove + 1, 0, 0], searchedToMs: Math.floor(safeAbove / 1000) };
  }
}

/** The names to ask a segment's filter for, and the texts that a line must hold. */
export function lookedFor(filter: EventFilter): { names: string[]; texts: string[] } {
  const { destination, object, key, event, source, type, code, outcome } = filter;
  const names: string[] = [];
  const texts: string[] = [];
  const add = (value: string | undefined, name: (value: string) => string): void => {
    if (value === undefined) return;
    names.push(name(value));
    texts.push(JSON.stringify(value));
  };
  // A ref stands in no filter: it is found by its time.
  add(event, searchName.event);
  add(key, searchName.key);
  add(type, searchName.type);
  add(source, searchName.source);
  if (destination !== undefined && object !== undefined) names.push(searchName.object(destination, object));
  if (outcome === "duplicate" && code === undefined) names.push(searchName.word("duplicate"));
  return { names, texts };
}

function* candidatesOf(lines: readonly string[], texts: readonly string[], filter: EventFilter): Generator<Candidate> {
  const text = filter.text?.toLowerCase();
  for (const line of linesWith(lines, texts)) {
    const webhook = readUnderstood(line);
    if (text !== undefined && webhook.request?.body.toLowerCase().includes(text) !== true) continue;
    for (const found of rowsOf(webhook)) {
      if (fits(found, filter)) yield { ...found, micros: found.delivery.micros };
    }
  }
}

export function fits({ webhook, event }: FoundEvent, filter: EventFilter): boolean {
  const { destination, object, key } = filter;
  if (filter.event !== undefined && event.id !== filter.event) return false;
  if (filter.source !== undefined && webhook.source !== filter.source) return false;
  if (filter.type !== undefined && event.type !== filter.type) return false;
  if (destination === undefined && object === undefined && key === undefined) return true;
  const isMeant = (name: { destination: string; object: string; key?: string }): boolean =>
    (destination === undefined || name.destination === destination) &&
    (object === undefined || name.object === object) &&
    (key === undefined || name.key === key);
  return event.changes.some(({ record }) => isMeant(record)) || event.faults.some(isMeant);
}

function isBefore(found: Candidate, [m, s, r]: PagePosition): boolean {
  const [micros, session, run] = placeOf(found);
  return (micros - m || session - s || run - r) < 0;
}

/** A delivery and a document that was fetched for it have places of their own. */
function placeOf({ delivery: { micros, session, run }, webhook }: Candidate): PagePosition {
  return [micros, session, 2 * run + (isDocument(webhook) ? 1 : 0)];
}

/** The events that pass the filters by outcome and code, with their rows. */
export async function judge<Found extends FoundEvent>(
  database: HistoryDatabase,
  some: readonly Found[],
  { outcome, code }: EventFilter,
  isOver: IsOver,
): Promise<readonly { readonly found: Found; readonly row: EventRow }[]> {
  const flights = await flightsSince(database, some, isOver);
  return some
    .map((found) => ({ found, row: rowWith(found, flights) }))
    .filter(
      ({ row }) => (outcome === undefined || row.outcome === outcome) && (code === undefined || row.code === code),
    );
}

/** Flights that may have carried changes of these events. */
export type KnownFlights = { readonly byRecord: ReadonlyMap<string, readonly Flown[]>; readonly isAll: boolean };

export async function flightsSince(
  database: HistoryDatabase,
  events: readonly FoundEvent[],
  isOver: IsOver,
): Promise<KnownFlights> {
  const waiting = events.flatMap((found) => awaited(found).map((change) => ({ change, found })));
  if (waiting.length === 0) return { byRecord: new Map(), isAll: true };
  const firstMicros = Math.min(...events.map(({ delivery }) => delivery.micros));
  /** The changes whose ends may be others with more flights. */
  const unsureOf = (found: readonly Flown[], isSeen: (flight: Flown) => boolean): typeof waiting => {
    const byRecord = grouped(found);
    return waiting.filter(({ change, found: { webhook } }) => {
      const own = byRecord.get(recordName(change.record)) ?? [];
      const { outcome, flight } = endOf(change, webhook.understoodMs, own);
      // An earlier flight, of another worker, may have carried the change and stand in a segment that is still closed.
      return outcome === "pending" || (outcome === "superseded" && flight !== null && !isSeen(flight));
    });
  };
  const nearMicros = firstMicros - CLOCKS_NEAR_MICROS;
  const isEnough = (found: readonly Flown[], openFromMicros: number): boolean =>
    unsureOf(found, ({ endedMs }) => endedMs * 1000 < openFromMicros).length === 0;
  const since = { fromMicros: nearMicros, untilMicros: EVER, order: "oldest" } as const;
  const near = await flightsOfRecords(database, recordsOf(waiting), since, isOver, isEnough);
  const unsure = unsureOf(near.found, () => false);
  if (unsure.length === 0) return { byRecord: grouped(near.found), isAll: near.isAll };
  // Few records are left as a rule: most segments are passed by.
  const before = { fromMicros: firstMicros - CLOCKS_APART_MICROS, untilMicros: nearMicros, order: "oldest" } as const;
  const far = await flightsOfRecords(database, recordsOf(unsure), before, isOver);
  return { byRecord: grouped([...far.found, ...near.found]), isAll: far.isAll && near.isAll };
}

function recordsOf(waiting: readonly { readonly change: UnderstoodChange }[]): readonly RecordName[] {
  return [...new Map(waiting.map(({ change: { record } }) => [recordName(record), record])).values()];
}

/** Clocks are this near as a rule: beyond it, flights are looked for only where something is open. */
const CLOCKS_NEAR_MICROS = 1_000_000;

function awaited({ event }: FoundEvent): readonly UnderstoodChange[] {
  return event.changes.filter(({ word }) => word === "accepted" || word === "same");
}

function grouped(flights: readonly Flown[]): Map<string, readonly Flown[]> {
  const all = Map.groupBy(flights, ({ record }) => recordName(record));
  return new Map([...all].map(([name, own]) => [name, own.toSorted(compareTokens)]));
}

export function recordName({ destination, object, by, key }: RecordName): string {
  return JSON.stringify([destination, object, by, key]);
}

/** A row with the outcome that tells most of the event's changes. */
export function rowWith(found: FoundEvent, { byRecord, isAll }: KnownFlights): EventRow {
  const { event, webhook } = found;
  const ends = event.changes.map((change) => {
    const flights = byRecord.get(recordName(change.record)) ?? [];
    const end = endOf(change, webhook.understoodMs, flights);
    const { outcome, flight } = withAside(end, setAsideFlight(change.stamp, flights));
    const last = flights.findLast(({ verdict }) => verdict !== "settled");
    return {
      outcome: outcome === "pending" && !isAll ? ("unknown" as const) : outcome,
      flight: flight ?? last ?? null,
    };
  });
  const outcomes: readonly ShownOutcome[] = [
    ...ends.map((end) => end.outcome),
    ...event.faults.map(() => "dead" as const),
    ...(webhook.fault === null ? [] : ["dead" as const]),
  ];
  const outcome = mostTelling(outcomes);
  return eventRow(found, outcome, codeOf(outcome, ends, webhook, event.faults[0]?.code ?? null));
}

function codeOf(
  outcome: ShownOutcome,
  ends: readonly { readonly outcome: ShownOutcome; readonly flight: Flown | null }[],
  { fault }: Understood,
  faulty: string | null,
): string | null {
  if (outcome === "dead" && (fault !== null || faulty !== null)) return fault?.code ?? faulty;
  if (outcome !== "dead" && outcome !== "pending" && outcome !== "set_aside") return null;
  return ends.find((end) => end.outcome === outcome)?.flight?.code ?? null;
}
