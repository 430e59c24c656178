import type { Event, Json } from "@sluice/event";
import type { Arrival } from "./arrival.ts";
import type { ExpressionCode } from "./expression/expression.ts";
import type { Version } from "./version.ts";

/** How the destination finds the record: by `external_id`, or by `name` where its names are unique. */
export type RecordKey = { readonly by: "external_id" | "name"; readonly value: string };

/** One record among those of all destinations. */
export type RecordName = {
  readonly destination: string;
  readonly object: string;
  readonly by: "external_id" | "name";
  readonly key: string;
};

/** The effect of a change: it sets the fields that it names (null clears one), or deletes the record. */
export type ChangeEffect =
  | {
      readonly kind: "fields";
      /** Field key → value. The record's own name, where it is sent, stands under `NAME_FIELD`. */
      readonly fields: ReadonlyMap<string, Json>;
    }
  | { readonly kind: "delete" };

/** The change that one event makes to one record. */
export type Change = {
  readonly destination: string;
  readonly object: string;
  readonly key: RecordKey;
  /** Null: the mapping names no version, and the change takes its arrival. */
  readonly version: Version | null;
  readonly effect: ChangeEffect;
  /** The configuration says the kind of the object's versions; without it the object's first version sets the kind. */
  readonly isKindSaid?: boolean;
};

/** The failure of a mapping to read an event. It becomes a dead letter; nothing is guessed. */
export type MappingFault = {
  readonly destination: string;
  readonly object: string;
  readonly code: ExpressionCode;
  /** Where the expression stands in the configuration, e.g. `sources.netsuite.records[0].version`. */
  readonly place: string;
  readonly expression: string;
  readonly message: string;
};

/** An event with its changes: one entry in `changes` for each record that it touches. */
export type MappedEvent = {
  readonly event: Event;
  /** The source's place in the configuration, from 0: where two versions are equal the later source wins. */
  readonly rank: number;
  readonly arrival: Arrival;
  /** 0, or the number of the replay that maps the event again. */
  readonly run: number;
  readonly changes: readonly Change[];
  readonly faults: readonly MappingFault[];
  /** The context of the trace that the event is in, as text. Absent: it is in none. */
  readonly trace?: string;
};

/**
 * Under this key a change carries the record's own name; every other key is a custom object field.
 * A custom field's key can hold letters, digits and underscores only, so the two can't meet.
 */
export const NAME_FIELD = "standard::name";

/** A field as people call it: the record's own name is `name`. */
export function shownField(field: string): string {
  return field === NAME_FIELD ? "name" : field;
}
