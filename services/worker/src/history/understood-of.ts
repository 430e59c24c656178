import type { IntakeWebhook, MergedEvent, ReadWebhook } from "@sluice/queue";
import type { Change, MappedEvent } from "@sluice/record";
import {
  HISTORY_LIMITS,
  type Understood,
  type UnderstoodChange,
  type UnderstoodEvent,
  type StoredRequest,
} from "@sluice/history";
import type { SourceConfiguration } from "@sluice/runtime";

/** A webhook that was read, as the history keeps it. */
export function understoodOf(
  { source, arrival, run, kept, secretNumber }: IntakeWebhook,
  read: ReadWebhook,
  understoodMs: number,
  rows: RowsOf,
): Understood {
  const { method, url, query, headers, body } = kept;
  const request: StoredRequest = { method, url, query, headers, ...cut(body), redacted: [], secretNumber };
  const first = { micros: arrival.micros, session: arrival.session, run };
  if ("fault" in read) return { source, first, understoodMs, request, fault: read.fault, events: [] };
  const events = read.events.map((mapped, at) => eventOf(mapped, read.merged[at]!, rows));
  return { source, first, understoodMs, request, fault: null, events };
}

/** A document that was fetched for events of a source, as the history keeps it: each stands for itself. */
export function understoodDocument(
  mapped: MappedEvent,
  merged: MergedEvent,
  understoodMs: number,
  rows: RowsOf,
): Understood {
  const { event, arrival, run } = mapped;
  const first = { micros: arrival.micros, session: arrival.session, run };
  return {
    source: event.source,
    first,
    understoodMs,
    request: null,
    fault: null,
    events: [eventOf(mapped, merged, rows)],
  };
}

function cut(body: string): Pick<StoredRequest, "body" | "bodyBytes" | "isCut"> {
  const isCut = body.length > HISTORY_LIMITS.bodyCharacters;
  return {
    body: isCut ? body.slice(0, HISTORY_LIMITS.bodyCharacters) : body,
    bodyBytes: Buffer.byteLength(body),
    isCut,
  };
}

function eventOf({ event, changes, faults }: MappedEvent, merged: MergedEvent, rows: RowsOf): UnderstoodEvent {
  return {
    id: event.id,
    type: event.type,
    time: event.time,
    isThin: event.thin === true,
    isDelete: event.operation === "delete",
    changes: changes.map((change, at) => changeOf(change, merged.changes[at]!, rows(event.source, change))),
    faults,
  };
}

function changeOf(
  { destination, object, key, version, effect }: Change,
  { word, stamp }: MergedEvent["changes"][number],
  row: string | null,
): UnderstoodChange {
  return {
    record: { destination, object, by: key.by, key: key.value },
    effect: effect.kind,
    stamp,
    versionKind: version?.kind ?? "arrival",
    row,
    word,
    fields: effect.kind === "delete" ? {} : fieldsOf(destination, effect.fields),
    hidden: [],
  };
}

/** The fields of a change, without values for a fetch: those are the event itself, which stands beside it. */
function fieldsOf(destination: string, fields: ReadonlyMap<string, unknown>): UnderstoodChange["fields"] {
  const isFetch = destination.includes(":");
  const entries = isFetch ? [...fields.keys()].map((field) => [field, null]) : [...fields];
  return Object.fromEntries(entries) as UnderstoodChange["fields"];
}

/** The row of the configuration that makes changes of such a record; null: there are several. */
export type RowsOf = (source: string, change: Pick<Change, "destination" | "object">) => string | null;

export function rowsIn(sources: () => ReadonlyMap<string, SourceConfiguration>): RowsOf {
  const bySource = new WeakMap<SourceConfiguration, ReadonlyMap<string, string | null>>();
  return (name, { destination, object }) => {
    const source = sources().get(name);
    if (source === undefined) return null;
    let places = bySource.get(source);
    if (places === undefined) bySource.set(source, (places = placesOf(source)));
    return places.get(`${destination} ${object}`) ?? null;
  };
}

function placesOf({ name, mappings }: SourceConfiguration): ReadonlyMap<string, string | null> {
  const places = new Map<string, string | null>();
  for (const [at, { destination, object }] of mappings.entries()) {
    const record = `${destination} ${object}`;
    places.set(record, places.has(record) ? null : `sources.${name}.records[${at}]`);
  }
  return places;
}
