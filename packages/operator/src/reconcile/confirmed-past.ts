import type { Json } from "@sluice/event";
import { recordId } from "@sluice/queue";
import type { Stamp, RecordName } from "@sluice/record";
import type { BlindTime } from "./blind-times.ts";
import type { ConfirmedOnce } from "./expected.ts";

/** All that is known of what a destination confirmed, beside Redis: the history. An answer of null: it was over before. */
export type ConfirmedPast = {
  confirmed(asked: Where & Stretch, isOver: () => boolean): Promise<FoundStretch | null>;
  values(
    asked: Where & { readonly wanted: ReadonlyMap<string, ReadonlyMap<string, Stamp>> },
    isOver: () => boolean,
  ): Promise<FoundValues | null>;
  gapTimes(fromMs: number, untilMs: number): Promise<readonly BlindTime[]>;
};

export type Where = {
  readonly destination: string;
  readonly object: string | null;
  readonly placeOf: (record: RecordName) => string;
};

/** Records in the order of their places, behind `after`, some of them alone or all. */
type Stretch = { readonly after: string; readonly only: ReadonlySet<string> | null; readonly most: number };

/** `until`: from there on records were left out; null: none was. */
type FoundStretch = { readonly records: readonly PastRecord[]; readonly until: string | null };
type FoundValues = {
  readonly values: ReadonlyMap<string, ReadonlyMap<string, PastValue>>;
  readonly until: string | null;
};

export type PastRecord = ConfirmedOnce & {
  readonly record: RecordName;
  readonly place: string;
  readonly lastEndedMs: number;
};

/** A value, and the event that brought it. */
export type PastValue = { readonly value: Json; readonly source: string; readonly event: string };

/** Digests: they spread records evenly, and doubtful records are known by them. */
export function recordDigest({ object, by, key }: RecordName): string {
  return recordId(object, { by, value: key });
}
