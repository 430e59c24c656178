import type { Json } from "@sluice/event";
import { shownField, type Stamp } from "@sluice/record";
import { eventNameOf, type EventName, type FoundChange } from "../shown/event-row.ts";
import { isNewer, shownStamp, type ShownStamp } from "../shown/stamp.ts";
import { same } from "./outcome.ts";
import { confirmedAt, overcame, type Because, type RecordStory } from "./record-story.ts";

/** A record's live state in Redis, which is the truth, as far as it explains the fields. */
export type LiveFields = {
  readonly confirmed: ReadonlyMap<string, Stamp>;
  readonly pending: ReadonlyMap<string, LiveValue>;
  readonly aside: ReadonlyMap<string, LiveValue>;
};
type LiveValue = { readonly value: Json; readonly stamp: Stamp; readonly source: string };

/** A value of a field, and the change that brought it. */
export type Provenance = {
  readonly value: Json;
  /** False: the history does not have it, and `value` is null. */
  readonly isKnown: boolean;
  readonly event: EventName;
  readonly stamp: ShownStamp;
  readonly mapping: string | null;
  readonly confirmedAt: string | null;
};

/** A value that lost, and the value it lost to. */
export type StaleValue = Provenance & { readonly was: "stale" | "overtaken"; readonly because: Because };

/** One field of a record, explained. */
export type FieldTrace = {
  readonly field: string;
  readonly confirmed: Provenance | null;
  readonly pending: Provenance | null;
  readonly aside: Provenance | null;
  /** Values that `confirmed` replaced, the newest first. */
  readonly replaced: readonly Provenance[];
  /** Values that were refused as older, the newest first. */
  readonly refused: readonly StaleValue[];
};

/** Explains each field that the live state shows, or that the history has. */
export function explainFields(live: LiveFields, story: RecordStory): readonly FieldTrace[] {
  const named = story.changes.flatMap(({ change }) => [...Object.keys(change.fields), ...change.hidden]);
  const names = new Set([...live.confirmed.keys(), ...live.pending.keys(), ...live.aside.keys(), ...named]);
  return [...names].toSorted().map((field) => explainField(field, live, story));
}

function explainField(field: string, live: LiveFields, story: RecordStory): FieldTrace {
  const confirmed = live.confirmed.get(field);
  const [pending, aside] = [live.pending.get(field), live.aside.get(field)];
  const standing = [confirmed, pending?.stamp, aside?.stamp].filter((stamp) => stamp !== undefined);
  const others = story.changes
    .filter(({ change }) => change.effect === "fields" && (field in change.fields || change.hidden.includes(field)))
    .filter(({ change }) => change.word !== "duplicate" && change.word !== "dead")
    .filter(({ change }) => !standing.some((stamp) => same(stamp, change.stamp)))
    .toSorted((a, b) => (isNewer(a.change.stamp, b.change.stamp) ? -1 : 1));
  const replaced: Provenance[] = [];
  const refused: StaleValue[] = [];
  for (const found of others) {
    const provenance = provenanceOf(story, field, found.change.stamp, found);
    if (provenance.confirmedAt !== null) {
      replaced.push(provenance);
      continue;
    }
    const lost = overcame(story, found, field);
    if (lost !== null) refused.push({ ...provenance, ...lost });
  }
  return {
    field: shownField(field),
    confirmed: confirmed === undefined ? null : told(story, field, confirmed),
    pending: pending === undefined ? null : { ...told(story, field, pending.stamp), ...valueOf(pending) },
    aside: aside === undefined ? null : { ...told(story, field, aside.stamp), ...valueOf(aside) },
    replaced,
    refused,
  };
}

function valueOf({ value }: LiveValue): Pick<Provenance, "value" | "isKnown"> {
  return { value, isKnown: true };
}

/** The provenance of a field's value: the change that has exactly this stamp. */
function told(story: RecordStory, field: string, stamp: Stamp): Provenance {
  const made = story.changes.filter(({ change }) => same(change.stamp, stamp));
  return provenanceOf(story, field, stamp, made.find(({ change }) => change.word !== "duplicate") ?? made[0] ?? null);
}

const NOBODY: EventName = { ref: null, id: null, source: null, type: null, arrivedAt: null };

function provenanceOf(story: RecordStory, field: string, stamp: Stamp, found: FoundChange | null): Provenance {
  const at = confirmedAt(story, field, stamp);
  if (found === null) {
    const shown = shownStamp(stamp);
    const event = { ...NOBODY, arrivedAt: shown.arrivedAt };
    return { value: null, isKnown: false, event, stamp: shown, mapping: null, confirmedAt: at };
  }
  const { change } = found;
  // A delete clears the older fields of a record that lives on.
  const isKnown = change.effect === "delete" || field in change.fields;
  const value = change.effect === "delete" ? null : (change.fields[field] ?? null);
  const shown = shownStamp(stamp, change.versionKind);
  return { value, isKnown, event: eventNameOf(found), stamp: shown, mapping: change.row, confirmedAt: at };
}
