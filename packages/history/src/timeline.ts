import type { Json } from "@sluice/event";
import { shownField, type RecordName } from "@sluice/record";
import type { HistoryDatabase } from "./store/connection.ts";
import { compareDeliveries } from "./delivery.ts";
import { mergePages, type Page, type PageWanted } from "./page.ts";
import { changesOf, EVER, isSameRecord, linesWith } from "./read.ts";
import { eventNameOf, type EventName, type FoundChange } from "./shown/event-row.ts";
import { shownFlight, type Flight } from "./shown/flight.ts";
import { firstOf, isSameWebhook } from "./store/once.ts";
import { NewestFirst, type Placed } from "./store/newest-first.ts";
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

type Happened = Placed & ({ readonly change: FoundChange } | { readonly flight: Flown });

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
  const all = [
    new NewestFirst<Happened>(
      walk(database, { stream: "understood", ...asked }, isOver),
      function* (lines) {
        for (const line of linesWith(lines, texts)) {
          for (const change of changesOf(readUnderstood(line), record))
            yield { micros: change.delivery.micros, change };
        }
      },
      joinHappened,
    ),
    new NewestFirst<Happened>(walk(database, { stream: "flown", ...asked }, isOver), function* (lines) {
      for (const line of linesWith(lines, texts)) {
        const flight = readFlown(line);
        if (isSameRecord(flight.record, record)) yield { micros: flight.endedMs * 1000, flight };
      }
    }),
  ];
  return await mergePages(all, { limit, before, isOver, fromMicros: 0, untilMicros }, (happened) => [
    "change" in happened ? changed(happened.change) : flew(happened.flight),
  ]);
}

function joinHappened(waiting: Happened[], item: Happened): boolean {
  if (!("change" in item)) return false;
  const at = waiting.findIndex(
    (each) =>
      "change" in each &&
      compareDeliveries(each.change.delivery, item.change.delivery) === 0 &&
      isSameWebhook(each.change.webhook, item.change.webhook),
  );
  const known = waiting[at];
  if (known === undefined || !("change" in known)) return false;
  if (firstOf(known.change.webhook, item.change.webhook) === item.change.webhook) waiting[at] = item;
  return true;
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
