import type { Json } from "@sluice/event";
import type { Stamp, RecordName } from "@sluice/record";
import { LIMITS } from "../limits.ts";
import type { IsOver } from "../read.ts";
import type { HistoryDatabase } from "../store/connection.ts";
import { walkAll } from "../store/walk-all.ts";
import { searchName } from "../written/names.ts";
import { stampText } from "../written/stamp-text.ts";
import { readUnderstood, type UnderstoodChange } from "../written/understood.ts";
import { keepLowest } from "./lowest-places.ts";

/** Which values are wanted: of each record, by its place, the stamps of its fields. */
export type ValuesAsked = {
  readonly destination: string;
  readonly object: string | null;
  readonly placeOf: (record: RecordName) => string;
  readonly wanted: ReadonlyMap<string, ReadonlyMap<string, Stamp>>;
};

/** The value that a change with the wanted stamp gave a field, and the event that it came of. */
export type ConfirmedValue = { readonly value: Json; readonly source: string; readonly event: string };

/**
 * `values`: by place and field; a field that is missing has no value in the history, or one that `redact` took out. `until`: from there on
 * records were left out, since their values are too much at once; null: all are there.
 */
export type ConfirmedValues = {
  readonly values: ReadonlyMap<string, ReadonlyMap<string, ConfirmedValue>>;
  readonly until: string | null;
};

/** The values of stamps. It takes one walk through all that came in. Null: `isOver`. */
export async function readConfirmedValues(
  database: HistoryDatabase,
  { destination, object, placeOf, wanted }: ValuesAsked,
  isOver: IsOver,
): Promise<ConfirmedValues | null> {
  const names = object === null ? [] : [searchName.object(destination, object)];
  const text = JSON.stringify(destination);
  const stamps = new Map([...wanted].map(([place, fields]) => [place, byStamp(fields)] as const));
  const values = new Map<string, Map<string, ConfirmedValue>>();
  let characters = 0;
  let until: string | null = null;
  const hearChange = (change: UnderstoodChange, source: string, event: string): void => {
    if (change.record.destination !== destination) return;
    const place = placeOf(change.record);
    const fields = until !== null && place > until ? undefined : stamps.get(place)?.get(stampText(change.stamp));
    if (fields === undefined) return;
    const own = values.get(place) ?? new Map<string, ConfirmedValue>();
    values.set(place, own);
    for (const field of fields) {
      const value = valueIn(change, field);
      if (value === undefined || own.has(field)) continue;
      own.set(field, { value, source, event });
      characters += JSON.stringify(value).length;
    }
  };
  const isWhole = await walkAll(database, { stream: "understood", names }, isOver, (lines) => {
    for (const line of lines) {
      if (!line.includes(text)) continue;
      const { source, events } = readUnderstood(line);
      for (const { id, changes } of events) for (const change of changes) hearChange(change, source, id);
    }
    while (characters > LIMITS.confirmedCharacters && values.size > 1) {
      until = keepLowest(values, Math.ceil(values.size / 2)) ?? until;
      characters = charactersOf(values);
    }
  });
  if (!isWhole) return null;
  return { values, until };
}

function byStamp(fields: ReadonlyMap<string, Stamp>): ReadonlyMap<string, readonly string[]> {
  const entries = [...Map.groupBy(fields, ([, stamp]) => stampText(stamp))];
  return new Map(entries.map(([text, of]) => [text, of.map(([field]) => field)] as const));
}

/** A delete clears the older fields of a record that lives on. */
function valueIn({ effect, fields }: UnderstoodChange, field: string): Json | undefined {
  return effect === "delete" ? null : fields[field];
}

function charactersOf(values: ReadonlyMap<string, ReadonlyMap<string, ConfirmedValue>>): number {
  let sum = 0;
  for (const fields of values.values()) for (const { value } of fields.values()) sum += JSON.stringify(value).length;
  return sum;
}
