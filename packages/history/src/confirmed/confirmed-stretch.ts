import { compareStamps, type RecordName, type ConfirmedStamp } from "@sluice/record";
import { LIMITS } from "../limits.ts";
import type { IsOver } from "../read.ts";
import type { HistoryDatabase } from "../store/connection.ts";
import { walkAll } from "../store/walk-all.ts";
import { readFlown, type Flown } from "../written/flown.ts";
import { searchName } from "../written/names.ts";
import { keepLowest } from "./lowest-places.ts";

/** Which records are meant: they are looked through in the order of their places, a stretch at a time. */
export type ConfirmedAsked = {
  readonly destination: string;
  readonly object: string | null;
  /** A record's place: any order that spreads them evenly. */
  readonly placeOf: (record: RecordName) => string;
  /** The stretch begins behind this place; "" for the first. */
  readonly after: string;
  /** These places alone; null: all. */
  readonly only: ReadonlySet<string> | null;
  readonly most: number;
};

/** A record as the history's flights tell it: of each field, and of the record's deletes, the newest that was confirmed. */
export type ConfirmedRecord = {
  readonly record: RecordName;
  readonly place: string;
  readonly fields: ReadonlyMap<string, ConfirmedStamp>;
  readonly deletion: ConfirmedStamp | null;
  /** When the last of its flights ended, however it did. */
  readonly lastEndedMs: number;
};

/** `until` null: there is nothing behind it. */
export type ConfirmedStretch = { readonly records: readonly ConfirmedRecord[]; readonly until: string | null };

type Told = {
  readonly record: RecordName;
  readonly fields: Map<string, ConfirmedStamp>;
  deletion: ConfirmedStamp | null;
  lastEndedMs: number;
};

/** The next stretch of records that were confirmed. It takes one walk through all flights, and memory for `most` records. Null: `isOver`. */
export async function confirmedStretch(
  database: HistoryDatabase,
  { destination, object, placeOf, after, only, most }: ConfirmedAsked,
  isOver: IsOver,
): Promise<ConfirmedStretch | null> {
  const names = object === null ? [] : [searchName.object(destination, object)];
  const head = `${JSON.stringify([destination]).slice(0, -1)},`;
  const told = new Map<string, Told>();
  let until: string | null = null;
  const isWhole = await walkAll(database, { stream: "flown", names }, isOver, (lines) => {
    for (const line of lines) {
      if (!line.startsWith(head)) continue;
      const flown = readFlown(line);
      if (object !== null && flown.record.object !== object) continue;
      const place = placeOf(flown.record);
      if (place <= after || (until !== null && place > until) || only?.has(place) === false) continue;
      tell(told, place, flown);
    }
    if (told.size > most * LIMITS.confirmedSlack) until = keepLowest(told, most) ?? until;
  });
  if (!isWhole) return null;
  until = keepLowest(told, most) ?? until;
  const records = [...told].map(([place, each]): ConfirmedRecord => ({ place, ...each }));
  records.sort((a, b) => (a.place < b.place ? -1 : 1));
  return { records: records.filter(({ fields, deletion }) => fields.size > 0 || deletion !== null), until };
}

function tell(
  all: Map<string, Told>,
  place: string,
  { record, endedMs, verdict, effect, carried, deletion }: Flown,
): void {
  let told = all.get(place);
  if (told === undefined) all.set(place, (told = { record, fields: new Map(), deletion: null, lastEndedMs: endedMs }));
  told.lastEndedMs = Math.max(told.lastEndedMs, endedMs);
  if (verdict !== "settled" && verdict !== "unchanged" && verdict !== "superseded") return;
  const isShown = verdict !== "superseded";
  if (effect === "delete") {
    if (deletion !== null) told.deletion = newest(told.deletion, { stamp: deletion.stamp, isShown });
    return;
  }
  for (const { stamp, fields } of carried) {
    for (const field of fields) told.fields.set(field, newest(told.fields.get(field) ?? null, { stamp, isShown }));
  }
}

/** A value that was confirmed once, and superseded when it was written again, is shown no more. */
function newest(a: ConfirmedStamp | null, b: ConfirmedStamp): ConfirmedStamp {
  if (a === null) return b;
  const order = compareStamps(a.stamp, b.stamp);
  if (order === 0) return { stamp: a.stamp, isShown: a.isShown && b.isShown };
  return order > 0 ? a : b;
}
