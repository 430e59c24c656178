import type { Json } from "@sluice/event";
import { shownField, type RecordName } from "@sluice/record";
import type { HistoryDatabase } from "./store/connection.ts";
import { compareFlights, compareFound, joinFlight, joinFound } from "./listed.ts";
import { mergePages, type Page, type PageWanted } from "./page.ts";
import { changesOf, EVER, isSameRecord, linesWith } from "./read.ts";
import { eventNameOf, type EventName, type FoundChange } from "./shown/event-row.ts";
import { shownFlight, type Flight } from "./shown/flight.ts";
import { NewestFirst, type Newest, type Placed } from "./store/newest-first.ts";
import { walk } from "./store/walk.ts";
import { readFlown, type Flown } from "./written/flown.ts";
import { searchName } from "./written/names.ts";
import { readUnderstood } from "./written/understood.ts";

/** One entry of a record's timeline: a change that came in, or an attempt to write it. */
export type TimelineEntry = {
  readonly at: string;
  readonly what: "change" | "attempt";
  readonly text: string;
  readonly event: EventName | null;
  readonly flight: Flight | null;
  readonly fields: readonly { readonly field: string; readonly value: Json }[];
};

type Happened = HappenedChange | HappenedFlight;
type HappenedChange = Placed & FoundChange;
type HappenedFlight = Placed & { readonly flight: Flown };

/** The newest first. */
export async function timelineOf(
  database: HistoryDatabase,
  record: RecordName,
  { limit, before, isOver }: PageWanted,
): Promise<Page<TimelineEntry>> {
  const untilMicros = before?.[0] ?? EVER;
  const names = [searchName.key(record.key), searchName.object(record.destination, record.object)];
  const texts = [JSON.stringify(record.key), JSON.stringify(record.object)];
  const asked = { names, fromMicros: 0, untilMicros, order: "newest" } as const;
  const changes = new NewestFirst<HappenedChange>(
    walk(database, { stream: "understood", ...asked }, isOver),
    function* (lines) {
      for (const line of linesWith(lines, texts)) {
        for (const found of changesOf(readUnderstood(line), record)) yield { ...found, micros: found.delivery.micros };
      }
    },
    joinFound,
    compareFound,
  );
  const flights = new NewestFirst<HappenedFlight>(
    walk(database, { stream: "flown", ...asked }, isOver),
    function* (lines) {
      for (const line of linesWith(lines, texts)) {
        const flight = readFlown(line);
        if (isSameRecord(flight.record, record)) yield { flight, micros: flight.endedMs * 1000 };
      }
    },
    joinFlight,
    compareFlights,
  );
  const all: readonly Newest<Happened>[] = [changes, flights];
  return await mergePages(all, { limit, before, isOver, fromMicros: 0, untilMicros }, (happened) => [
    "change" in happened ? changed(happened) : flew(happened.flight),
  ]);
}

const SAID = {
  accepted: "was merged into what is pending",
  same: "was merged into what is pending, or was older",
  superseded: "was older than all that the record holds",
  duplicate: "was a repetition",
  dead: "became a dead letter",
} as const;

function changed(found: FoundChange): TimelineEntry {
  const { change, event, webhook, delivery } = found;
  const what = change.effect === "delete" ? "delete" : "change";
  return {
    at: new Date(Math.floor(delivery.micros / 1000)).toISOString(),
    what: "change",
    text: `a ${what} of ${event.id} (${webhook.source}, ${event.type}) ${SAID[change.word]}`,
    event: eventNameOf(found),
    flight: null,
    fields: Object.entries(change.fields).map(([field, value]) => ({ field: shownField(field), value })),
  };
}

function flew(flown: Flown): TimelineEntry {
  const flight = shownFlight(flown);
  const what = flown.effect === "delete" ? "delete" : `write of ${flight.fields.join(", ") || "nothing"}`;
  const why = flown.code === null ? "" : `, ${flown.code}`;
  const text = `attempt ${flown.attempt}: ${what}: ${flown.status ?? "nothing was sent"}, ${flown.verdict}${why}`;
  return { at: flight.endedAt ?? flight.claimedAt, what: "attempt", text, event: null, flight, fields: [] };
}
