import { causeOf, isOfEvent, isOfIntake, type DeadLetter } from "@sluice/queue";
import { shownField } from "@sluice/record";
import type { DeadLetterJson, DeadLetterRow } from "../contract/dead-letter.ts";
import type { RecordNameJson } from "../contract/shape.ts";

/** A letter as a list shows it; `place` is the expression that failed. */
export type IndexedDeadLetter = DeadLetterRow & { readonly place: string | null };

export function indexed(letter: DeadLetter): IndexedDeadLetter {
  const { id, at, destination, object, reason, events, attempts, mapping } = letter;
  return {
    id,
    kind: kindOf(letter),
    at: new Date(at).toISOString(),
    destination,
    object,
    record: nameOf(letter),
    code: reason.code,
    message: reason.message,
    sources: [...new Set(events.map(({ source }) => source))],
    events: events.length,
    eventId: events[0]?.id ?? null,
    attempts: attempts ?? null,
    group: causeOf(letter),
    place: mapping?.place ?? null,
  };
}

function nameOf({ destination, object, key }: DeadLetter): RecordNameJson | null {
  return key === null ? null : { destination, object, by: key.by, key: key.value };
}

export function rowOf({ place: _place, ...row }: IndexedDeadLetter): DeadLetterRow {
  return row;
}

/** A letter as a whole. */
export function wholeOf(letter: DeadLetter): DeadLetterJson {
  const { events, mapping, event, request, response, cut } = letter;
  const change = letter.change as { delete: boolean; fields?: Values; aside?: Values } | undefined;
  return {
    ...rowOf(indexed(letter)),
    refs: events.map(({ source, id }) => ({ source, id })),
    change:
      change === undefined ? null : { delete: change.delete, fields: shown(change.fields), aside: shown(change.aside) },
    mapping: mapping ?? null,
    event: event ?? null,
    request: request ?? null,
    response: response ?? null,
    cut: cut ?? null,
    editable: editableOf(letter),
    hint: hintOf(letter.reason.code, kindOf(letter)),
  };
}

type Values = Readonly<Record<string, unknown>>;

/** Fields by the names that an edit knows them by. */
function shown(fields: Values = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [shownField(field), value]));
}

export function editableOf(letter: DeadLetter): DeadLetterJson["editable"] {
  if (isOfIntake(letter)) return "no";
  if (!isOfEvent(letter)) return "fields";
  return letter.event === undefined ? "no" : "event";
}

function kindOf(letter: DeadLetter): DeadLetterRow["kind"] {
  if (isOfIntake(letter)) return letter.reason.code === "job_unreadable" ? "job" : "webhook";
  return isOfEvent(letter) ? "event" : "record";
}

const HINTS: Readonly<Record<string, string>> = {
  mapping_failed: "Mend the expression in sluice.yaml and replay them, or edit the event.",
  key_incomplete: "A part of the record's key is missing in the event: edit it, or have it sent again.",
  version_kind: "The object's versions changed their kind: `sluice record reorder` it, and replay them.",
  webhook_poison: "Workers died at it: keep it for those who mend Sluice, and replay it after an update.",
  webhook_slow: "Its expressions took too long: mend the mapping, and replay it.",
  webhook_unreadable: "Its body was stored and can't be read now: mend the scheme, and replay it.",
  source_unknown: "No worker's file has its source: put it back, and replay them.",
  job_unreadable: "Nobody can read it: discard it once you have looked at it.",
};

export function hintOf(code: string, kind: DeadLetterRow["kind"]): string {
  const known = HINTS[code];
  if (known !== undefined) return known;
  return kind === "record"
    ? "Look at the request and the answer: edit what was refused and replay it, or mend the destination and replay all."
    : "Mend what it says, and replay it.";
}
