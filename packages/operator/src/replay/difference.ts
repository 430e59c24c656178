import { isDeepStrictEqual } from "node:util";
import type { Json } from "@sluice/event";
import {
  finerMicrosOf,
  stampOf,
  tieOf,
  type Change,
  type MappedEvent,
  type Stamp,
  type RecordName,
} from "@sluice/record";

/** The changes that were made of an event when it came in. */
export type MadeEvent = {
  readonly changes: readonly MadeChange[];
  readonly faults: readonly unknown[];
};

export type MadeChange = {
  readonly record: RecordName;
  readonly effect: "fields" | "delete";
  readonly stamp: Stamp;
  readonly word: string;
  readonly fields: Readonly<Record<string, Json>>;
  /** Fields whose values nobody knows any more. */
  readonly hidden: readonly string[];
};

/** How an event's changes under the mapping as it is now differ from those that were made of it. `taken_back`: there are none any more; the values that it wrote stay. */
export type DifferenceKind =
  | "unchanged"
  | "changed"
  | "newly_wanted"
  | "taken_back"
  | "mended"
  | "dead"
  | "ignored"
  | "fetched_again";

export type Difference = {
  readonly kind: DifferenceKind;
  /** Every change that the mapping makes now, with the one that was made of the same record. */
  readonly changes: readonly { readonly now: Change; readonly stamp: Stamp; readonly before: MadeChange | null }[];
};

/** Compares the meaning of an event with the one that it had. */
export function differenceOf(before: MadeEvent, mapped: MappedEvent): Difference {
  const changes = mapped.changes.map((now) => ({
    now,
    stamp: stampNow(mapped, now),
    before: before.changes.find(({ record }) => isOf(record, now)) ?? null,
  }));
  return { kind: kindOf(before, mapped, changes), changes };
}

function kindOf(before: MadeEvent, { faults }: MappedEvent, changes: Difference["changes"]): DifferenceKind {
  if (faults.length > 0) return "dead";
  if (changes.length === 0) return before.changes.length === 0 ? "ignored" : "taken_back";
  if (changes.some(({ now }) => isFetch(now))) return "fetched_again";
  if (before.faults.length > 0) return "mended";
  if (before.changes.length === 0) return "newly_wanted";
  const isAlike = changes.length === before.changes.length && changes.every(isSame);
  return isAlike ? "unchanged" : "changed";
}

/** Whether a change asks for a document: no destination's name holds a colon. */
export function isFetch({ destination }: Pick<Change, "destination">): boolean {
  return destination.includes(":");
}

function isSame({ now, stamp, before }: Difference["changes"][number]): boolean {
  if (before === null || before.effect !== now.effect.kind || before.stamp.version !== stamp.version) return false;
  if (tieOf(before.stamp)?.finerMicros !== tieOf(stamp)?.finerMicros) return false;
  if (now.effect.kind === "delete") return true;
  if (before.hidden.length > 0) return false;
  const { fields } = now.effect;
  const names = Object.keys(before.fields);
  return names.length === fields.size && names.every((name) => isSameValue(before.fields[name], fields.get(name)));
}

/** Whether two values are one as JSON: what was made before was kept as JSON. */
export function isSameValue(before: Json | undefined, now: Json | undefined): boolean {
  if (before === undefined || now === undefined) return before === now;
  if (typeof now !== "object" || now === null) return before === now;
  return isDeepStrictEqual(before, JSON.parse(JSON.stringify(now)));
}

function isOf({ destination, object, by, key }: RecordName, now: Change): boolean {
  return destination === now.destination && object === now.object && by === now.key.by && key === now.key.value;
}

function stampNow({ event, rank, arrival, run }: MappedEvent, { version }: Change): Stamp {
  return stampOf(version, rank, { finerMicros: finerMicrosOf(event), arrival, run });
}

/** Whether understanding an event again would do anything that a person asked for. */
export function isWorthwhile({ kind }: Difference, unchanged: "skip" | "send"): boolean {
  switch (kind) {
    case "changed":
    case "newly_wanted":
    case "mended":
    case "dead":
    case "fetched_again":
      return true;
    case "unchanged":
      return unchanged === "send";
    case "ignored":
    case "taken_back":
      return false;
  }
}
