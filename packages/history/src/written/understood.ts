import type { Json } from "@sluice/event";
import type { Stamp, RecordName } from "@sluice/record";
import type { Delivery } from "../delivery.ts";
import { readStampText, stampText } from "./stamp-text.ts";

/** A webhook as it was understood, or a document that was fetched for its events. */
export type Understood = {
  readonly source: string;
  /** The delivery of the first event; each of the others came a microsecond later. */
  readonly first: Delivery;
  readonly understoodMs: number;
  /** Null: a document that was fetched. */
  readonly request: StoredRequest | null;
  /** Why there are no events. */
  readonly fault: { readonly code: string; readonly message: string } | null;
  readonly events: readonly UnderstoodEvent[];
};

/** The request that a sender made, without credentials and without the values that `redact` takes out. */
export type StoredRequest = {
  readonly method: string;
  readonly url: string;
  readonly query: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly bodyBytes: number;
  readonly isCut: boolean;
  readonly redacted: readonly string[];
  readonly secretNumber: number;
};

export type UnderstoodEvent = {
  readonly id: string;
  readonly type: string;
  readonly time: string | null;
  readonly isThin: boolean;
  readonly isDelete: boolean;
  readonly changes: readonly UnderstoodChange[];
  readonly faults: readonly UnderstoodFault[];
};

/** The result of merging a change. `same`: this very delivery had merged it before, and the result of that is not written here. */
export type ChangeWord = "accepted" | "same" | "superseded" | "duplicate" | "dead";

export type UnderstoodChange = {
  readonly record: RecordName;
  readonly effect: "fields" | "delete";
  readonly stamp: Stamp;
  readonly versionKind: "time" | "integer" | "arrival";
  /** Its place in the configuration; null: several rows may have made it. */
  readonly row: string | null;
  readonly word: ChangeWord;
  readonly fields: Readonly<Record<string, Json>>;
  /** Fields whose values depend on values that `redact` takes out. */
  readonly hidden: readonly string[];
};

export type UnderstoodFault = {
  readonly destination: string;
  readonly object: string;
  readonly code: string;
  readonly place: string;
  readonly expression: string;
  readonly message: string;
};

/** The line that holds a webhook. */
export function writeUnderstood(webhook: Understood): string {
  const { source, first, understoodMs, request, fault, events } = webhook;
  return JSON.stringify([
    source,
    first.micros,
    first.session,
    first.run,
    understoodMs,
    request === null ? null : requestRow(request),
    fault === null ? null : [fault.code, fault.message],
    events.map(eventRow),
  ]);
}

type RequestRow = [
  method: string,
  url: string,
  query: string,
  headers: StoredRequest["headers"],
  body: string,
  bodyBytes: number,
  isCut: 0 | 1,
  redacted: readonly string[],
  secretNumber: number,
];
type ChangeRow = [
  destination: string,
  object: string,
  by: 0 | 1,
  key: string,
  effect: 0 | 1,
  stamp: string,
  versionKind: number,
  row: string | null,
  word: number,
  fields: Readonly<Record<string, Json>>,
  hidden: readonly string[],
];
type FaultRow = [destination: string, object: string, code: string, place: string, expression: string, message: string];
type EventRow = [
  id: string,
  type: string,
  time: string | null,
  marks: number,
  changes: readonly ChangeRow[],
  faults: readonly FaultRow[],
];
type Row = [
  source: string,
  micros: number,
  session: number,
  run: number,
  understoodMs: number,
  request: RequestRow | null,
  fault: [string, string] | null,
  events: readonly EventRow[],
];

const KINDS = ["time", "integer", "arrival"] as const;
const WORDS = ["accepted", "same", "superseded", "duplicate", "dead"] as const;

function requestRow(request: StoredRequest): RequestRow {
  const { method, url, query, headers, body, bodyBytes, isCut, redacted, secretNumber } = request;
  return [method, url, query, headers, body, bodyBytes, isCut ? 1 : 0, redacted, secretNumber];
}

function eventRow({ id, type, time, isThin, isDelete, changes, faults }: UnderstoodEvent): EventRow {
  const marks = (isThin ? 1 : 0) + (isDelete ? 2 : 0);
  return [id, type, time, marks, changes.map(changeRow), faults.map(faultRow)];
}

function changeRow({ record, effect, stamp, versionKind, row, word, fields, hidden }: UnderstoodChange): ChangeRow {
  const { destination, object, by, key } = record;
  return [
    destination,
    object,
    by === "name" ? 1 : 0,
    key,
    effect === "delete" ? 1 : 0,
    stampText(stamp),
    KINDS.indexOf(versionKind),
    row,
    WORDS.indexOf(word),
    fields,
    hidden,
  ];
}

function faultRow({ destination, object, code, place, expression, message }: UnderstoodFault): FaultRow {
  return [destination, object, code, place, expression, message];
}

export function readUnderstood(line: string): Understood {
  const [source, micros, session, run, understoodMs, request, fault, events] = JSON.parse(line) as Row;
  return {
    source,
    first: { micros, session, run },
    understoodMs,
    request: request === null ? null : readRequest(request),
    fault: fault === null ? null : { code: fault[0], message: fault[1] },
    events: events.map(readEvent),
  };
}

function readRequest(row: RequestRow): StoredRequest {
  const [method, url, query, headers, body, bodyBytes, isCut, redacted, secretNumber] = row;
  return { method, url, query, headers, body, bodyBytes, isCut: isCut === 1, redacted, secretNumber };
}

function readEvent([id, type, time, marks, changes, faults]: EventRow): UnderstoodEvent {
  const isThin = marks % 2 === 1;
  return {
    id,
    type,
    time,
    isThin,
    isDelete: marks > 1,
    changes: changes.map(readChange),
    faults: faults.map(readFault),
  };
}

function readChange(row: ChangeRow): UnderstoodChange {
  const [destination, object, by, key, effect, stamp, versionKind, place, word, fields, hidden] = row;
  return {
    record: { destination, object, by: by === 1 ? "name" : "external_id", key },
    effect: effect === 1 ? "delete" : "fields",
    stamp: readStampText(stamp),
    versionKind: KINDS[versionKind] ?? "arrival",
    row: place,
    word: WORDS[word] ?? "same",
    fields,
    hidden,
  };
}

function readFault([destination, object, code, place, expression, message]: FaultRow): UnderstoodFault {
  return { destination, object, code, place, expression, message };
}
