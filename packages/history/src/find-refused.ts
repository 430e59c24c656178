import { tieOf, type Stamp } from "@sluice/record";
import type { HistoryDatabase } from "./store/connection.ts";
import { deliveryOf, refOf, type Delivery } from "./delivery.ts";
import { fits, judge, type EventFilter } from "./find-events.ts";
import { LIMITS } from "./limits.ts";
import { compareFlights, compareFound, joinFlight, joinFound } from "./listed.ts";
import { mergePages, type Page, type PageWanted } from "./page.ts";
import { changesOf, EVER, isSameRecord, linesWith, isOverAfter } from "./read.ts";
import { eventRow, rowsOf, type EventRow, type FoundEvent } from "./shown/event-row.ts";
import { NewestFirst, type Newest, type Placed } from "./store/newest-first.ts";
import { walk } from "./store/walk.ts";
import { partlyRefused, type ShownOutcome } from "./story/outcome.ts";
import { readFlown, type Flown } from "./written/flown.ts";
import { searchName } from "./written/names.ts";
import { readUnderstood, type Understood } from "./written/understood.ts";

/** A refusal: an event that could not be understood, or a flight of which changes, or fields of them, were refused. */
type Refused = NotUnderstood | RefusedFlight;
type NotUnderstood = Placed & FoundEvent & { readonly code: string };
type RefusedFlight = Placed & { readonly flight: Flown };

/** Events that are dead, or that were written but for fields that were set aside, by the time at which they were refused, the latest first. */
export async function findRefused(
  database: HistoryDatabase,
  filter: EventFilter,
  { limit, before, isOver }: PageWanted,
): Promise<Page<EventRow>> {
  const untilMicros = Math.min(before?.[0] ?? EVER, filter.untilMs === undefined ? EVER : filter.untilMs * 1000);
  const fromMicros = (filter.sinceMs ?? 0) * 1000;
  const { code, key, source } = filter;
  const codes = code === undefined ? [] : [searchName.code(code)];
  const keys = key === undefined ? [] : [searchName.key(key)];
  const between = { fromMicros, untilMicros, order: "newest" } as const;
  const understood = {
    stream: "understood",
    names: [...codes, ...(source === undefined ? [] : [searchName.source(source)])],
  } as const;
  const flown = { stream: "flown", names: [...codes, ...keys] } as const;
  const wants = (outcome: ShownOutcome): boolean => (filter.outcome ?? outcome) === outcome;
  const neverUnderstood = new NewestFirst<NotUnderstood>(
    walk(database, { ...understood, ...between, anyOf: [searchName.word("dead")] }, isOver),
    (lines) => notUnderstood(lines, code),
    joinFound,
    compareFound,
  );
  const verdicts = REFUSING.filter((verdict) => verdict === "set_aside" || wants("dead"));
  const flights = new NewestFirst<RefusedFlight>(
    walk(database, { ...flown, ...between, anyOf: verdicts.map(searchName.word) }, isOver),
    (lines) => refusedIn(lines, verdicts, code),
    joinFlight,
    compareFlights,
  );
  const all: readonly Newest<Refused>[] = [...(wants("dead") ? [neverUnderstood] : []), flights];
  const read = readerOf(database);
  return await mergePages(all, { limit, before, isOver, fromMicros, untilMicros }, async (refused) => {
    const meant = (found: readonly FoundEvent[]): FoundEvent[] => found.filter((each) => fits(each, filter));
    if ("event" in refused) return meant([refused]).map((each) => eventRow(each, "dead", refused.code));
    const { flight } = refused;
    const [whole, part] = parted(flight);
    const dead = wants("dead") ? meant(await read(flight, whole)) : [];
    const rows = dead.map((each) => eventRow(each, "dead", flight.code));
    if (!wants("set_aside") || part.length === 0) return rows;
    // The rest of such a change may have been refused since, and is then dead by that flight.
    const judged = await judge(database, meant(await read(flight, part)), {}, isOverAfter(LIMITS.searchMs));
    const aside = judged.map(({ row }) => row).filter(({ outcome }) => outcome !== "dead" && wants(outcome));
    return [...rows, ...aside];
  });
}

const REFUSING = ["buried", "set_aside"] as const;

/** The stamps of changes that a flight ended, and of those of which fields alone were refused. */
function parted(flight: Flown): readonly [whole: readonly Stamp[], part: readonly Stamp[]] {
  const stamps = stampsOf(flight);
  const isPart = (stamp: Stamp): boolean => flight.verdict === "set_aside" && partlyRefused(flight, stamp);
  return [stamps.filter((stamp) => !isPart(stamp)), stamps.filter(isPart)];
}

function* notUnderstood(lines: readonly string[], code: string | undefined): Generator<NotUnderstood> {
  for (const line of linesWith(lines, code === undefined ? [] : [JSON.stringify(code)])) {
    const webhook = readUnderstood(line);
    for (const found of rowsOf(webhook)) {
      const codes = [
        ...(webhook.fault === null ? [] : [webhook.fault.code]),
        ...found.event.faults.map((fault) => fault.code),
      ];
      const own = code === undefined ? codes[0] : codes.find((each) => each === code);
      if (own !== undefined) yield { ...found, micros: found.delivery.micros, code: own };
    }
  }
}

function* refusedIn(
  lines: readonly string[],
  wanted: readonly Flown["verdict"][],
  code: string | undefined,
): Generator<RefusedFlight> {
  const verdicts = wanted.map((verdict) => `"${verdict}"`);
  for (const line of linesWith(lines, code === undefined ? [] : [JSON.stringify(code)])) {
    if (!verdicts.some((verdict) => line.includes(verdict))) continue;
    const flight = readFlown(line);
    if (wanted.includes(flight.verdict) && (code === undefined || flight.code === code)) {
      yield { micros: flight.endedMs * 1000, flight };
    }
  }
}

/** The events whose changes a flight carried, by their stamps. Flights that end together carry what came in together: a segment that is open stays so. */
function readerOf(
  database: HistoryDatabase,
): (flight: Flown, stamps: readonly Stamp[]) => Promise<readonly FoundEvent[]> {
  let open: readonly string[] = [];
  const inOpen = (flight: Flown, { micros }: Delivery, session: number): Understood | null => {
    for (const line of linesWith(open, [JSON.stringify(flight.record.key)])) {
      const webhook = readUnderstood(line);
      const { first, events } = webhook;
      const isThere = first.session === session && micros >= first.micros && micros < first.micros + events.length;
      if (isThere && changesOf(webhook, flight.record).length > 0) return webhook;
    }
    return null;
  };
  return async (flight, stamps) => {
    const found: FoundEvent[] = [];
    for (const stamp of stamps) {
      const tie = tieOf(stamp);
      if (tie === null) continue;
      const delivery = deliveryOf(tie.arrival, tie.run);
      let webhook = inOpen(flight, delivery, delivery.session);
      const names = [searchName.key(flight.record.key)];
      const { micros } = delivery;
      const asked = { stream: "understood", names, fromMicros: micros, untilMicros: micros, order: "newest" } as const;
      // A walk costs a look at the filters: the segment that is open has most of a record's webhooks.
      if (webhook === null) {
        for await (const { lines } of walk(database, asked, () => false)) {
          open = lines;
          webhook = inOpen(flight, delivery, delivery.session);
          if (webhook !== null) break;
        }
      }
      const own = webhook === null ? [] : rowsOf(webhook);
      found.push(
        ...own.filter(
          (each) =>
            refOf(each.delivery) === refOf(delivery) &&
            each.event.changes.some(({ record }) => isSameRecord(record, flight.record)),
        ),
      );
    }
    return found;
  };
}

function stampsOf({ carried, deletion, verdict, refused }: Flown): readonly Stamp[] {
  const own = carried.filter(
    ({ isOpen, fields }) => isOpen && (verdict === "buried" || fields.some((field) => refused.includes(field))),
  );
  return [...own.map(({ stamp }) => stamp), ...(deletion?.isOpen === true ? [deletion.stamp] : [])];
}
