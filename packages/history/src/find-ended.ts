import { tieOf, type Stamp } from "@sluice/record";
import type { HistoryDatabase } from "./store/connection.ts";
import { deliveryOf, refOf, type Delivery } from "./delivery.ts";
import { fits, type EventFilter } from "./find-events.ts";
import { pageOf, type Page, type PageWanted } from "./page.ts";
import { changesOf, EVER, isSameRecord, linesWith } from "./read.ts";
import { eventRow, rowsOf, type EventRow, type FoundEvent } from "./shown/event-row.ts";
import { NewestFirst, type Placed } from "./store/newest-first.ts";
import { walk } from "./store/walk.ts";
import { readFlown, type Flown } from "./written/flown.ts";
import { nameOf } from "./written/names.ts";
import { readUnderstood, type Understood } from "./written/understood.ts";

/** An end that is a dead letter: an event that could not be understood, or a flight whose changes were refused. */
type Dead = Placed & ({ readonly event: FoundEvent; readonly code: string } | { readonly flight: Flown });

/** Events that became dead letters, by the time at which they did, the latest first. */
export async function findDead(
  database: HistoryDatabase,
  filter: EventFilter,
  { limit, before, isOver }: PageWanted,
): Promise<Page<EventRow>> {
  const untilMicros = Math.min(before?.[0] ?? EVER, filter.untilMs === undefined ? EVER : filter.untilMs * 1000);
  const fromMicros = (filter.sinceMs ?? 0) * 1000;
  const { code, key, source } = filter;
  const codes = code === undefined ? [] : [nameOf.code(code)];
  const keys = key === undefined ? [] : [nameOf.key(key)];
  const between = { fromMicros, untilMicros, order: "newest" } as const;
  const understood = {
    stream: "understood",
    names: [...codes, ...(source === undefined ? [] : [nameOf.source(source)])],
  } as const;
  const flown = { stream: "flown", names: [...codes, ...keys] } as const;
  const all = [
    new NewestFirst<Dead>(
      walk(database, { ...understood, ...between, anyOf: [nameOf.word("dead")] }, isOver),
      (lines) => notUnderstood(lines, code),
    ),
    new NewestFirst<Dead>(walk(database, { ...flown, ...between, anyOf: BURIED.map(nameOf.word) }, isOver), (lines) =>
      buriedIn(lines, code),
    ),
  ];
  const read = readerOf(database);
  return await pageOf(all, { limit, before, isOver, fromMicros, untilMicros }, async (dead) => {
    const found = "event" in dead ? [dead.event] : await read(dead.flight);
    const why = "event" in dead ? dead.code : dead.flight.code;
    return found.filter((each) => fits(each, filter)).map((each) => eventRow(each, "dead", why));
  });
}

const BURIED = ["buried", "set_aside"] as const;

function* notUnderstood(lines: readonly string[], code: string | undefined): Generator<Dead> {
  for (const line of linesWith(lines, code === undefined ? [] : [JSON.stringify(code)])) {
    const webhook = readUnderstood(line);
    for (const event of rowsOf(webhook)) {
      const codes = [
        ...(webhook.fault === null ? [] : [webhook.fault.code]),
        ...event.event.faults.map((fault) => fault.code),
      ];
      const own = code === undefined ? codes[0] : codes.find((each) => each === code);
      if (own !== undefined) yield { micros: event.delivery.micros, event, code: own };
    }
  }
}

function* buriedIn(lines: readonly string[], code: string | undefined): Generator<Dead> {
  const verdicts = BURIED.map((verdict) => `"${verdict}"`);
  for (const line of linesWith(lines, code === undefined ? [] : [JSON.stringify(code)])) {
    if (!verdicts.some((verdict) => line.includes(verdict))) continue;
    const flight = readFlown(line);
    const isBuried = flight.verdict === "buried" || flight.verdict === "set_aside";
    if (isBuried && (code === undefined || flight.code === code)) yield { micros: flight.endedMs * 1000, flight };
  }
}

/** The events whose changes a flight carried, by their stamps. Flights that end together carry what came in together: a segment that is open stays so. */
function readerOf(database: HistoryDatabase): (flight: Flown) => Promise<readonly FoundEvent[]> {
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
  return async (flight) => {
    const found: FoundEvent[] = [];
    for (const stamp of stampsOf(flight)) {
      const tie = tieOf(stamp);
      if (tie === null) continue;
      const delivery = deliveryOf(tie.arrival, tie.run);
      let webhook = inOpen(flight, delivery, delivery.session);
      const names = [nameOf.key(flight.record.key)];
      const { micros } = delivery;
      const asked = { stream: "understood", names, fromMicros: micros, untilMicros: micros, order: "newest" } as const;
      for await (const { lines } of walk(database, asked, () => false)) {
        if (webhook !== null) break;
        open = lines;
        webhook = inOpen(flight, delivery, delivery.session);
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
