import type { Json } from "@sluice/event";
import type { LiveRecord } from "@sluice/queue";
import { compareStamps, shownField, type Change, type MappingFault, type Stamp, type RecordName } from "@sluice/record";
import { isFetch, isSameValue, type Difference, type DifferenceKind, type MadeChange } from "./difference.ts";
import { countDistinct, type Distinct } from "./distinct.ts";

/** The fate of a field. `set`: nobody knows a value of it from this event. `dropped`: the mapping no longer yields it, and its value stays. */
export type FieldWould = "set" | "changed" | "cleared" | "same" | "stale" | "dropped";

export type FieldCounts = { readonly destination: string; readonly object: string; readonly field: string } & Readonly<
  Record<FieldWould, number>
>;

/** One record that would differ. `Name`: an event's, as the caller calls it. */
export type DifferenceSample<Name> = {
  readonly record: RecordName;
  readonly event: Name;
  readonly effect: "fields" | "delete";
  readonly fields: readonly {
    readonly field: string;
    readonly before: unknown;
    readonly isBeforeKnown: boolean;
    readonly after: unknown;
    readonly would: FieldWould;
  }[];
};

export type Forecast<Name> = {
  readonly events: number;
  readonly would: Readonly<Partial<Record<DifferenceKind, number>>>;
  readonly records: number;
  readonly written: number;
  readonly staleChanges: number;
  readonly fields: readonly FieldCounts[];
  readonly faults: readonly {
    readonly place: string;
    readonly message: string;
    readonly events: number;
    readonly sample: Name;
  }[];
  readonly samples: readonly DifferenceSample<Name>[];
  /** Records that would be written, by destination: each is one request at most. */
  readonly requests: ReadonlyMap<string, number>;
};

/** A change as it would be merged, and the state of its record now; null: nothing is known of it. */
export type ForeseenChange = Difference["changes"][number] & { readonly standing: LiveRecord | null };

export type Forecaster<Name> = {
  /** Counts an event. Without `foreseen` it would not be understood again. */
  add(event: Name, kind: DifferenceKind, foreseen: readonly ForeseenChange[] | null): void;
  fail(event: Name, faults: readonly Pick<MappingFault, "place" | "message">[]): void;
  readonly forecast: Forecast<Name>;
};

export type ForecastOptions = {
  /** Whether a record whose values are those that were confirmed is written all the same. */
  readonly writesUnchanged: (destination: string) => boolean;
  readonly samples: number;
  readonly valueCharacters: number;
};

/** Adds up what understanding events again would do. It takes the same memory for ten events and for ten million. */
export function createForecaster<Name>({
  writesUnchanged,
  samples: most,
  valueCharacters,
}: ForecastOptions): Forecaster<Name> {
  const would: Partial<Record<DifferenceKind, number>> = {};
  const fields = new Map<string, Mutable<FieldCounts>>();
  const faults = new Map<string, Mutable<Forecast<Name>["faults"][number]>>();
  const samples = new Map<string, DifferenceSample<Name>>();
  const records = countDistinct();
  const written = new Map<string, Distinct>();
  let events = 0;
  let staleChanges = 0;

  function count({ destination, object }: Change, field: string, as: FieldWould): void {
    const name = JSON.stringify([destination, object, field]);
    let counts = fields.get(name);
    if (counts === undefined) {
      counts = { destination, object, field: shownField(field), ...NONE };
      fields.set(name, counts);
    }
    counts[as] += 1;
  }

  function addChange(event: Name, each: ForeseenChange): void {
    const { now } = each;
    const record = { destination: now.destination, object: now.object, by: now.key.by, key: now.key.value };
    const name = JSON.stringify(Object.values(record));
    records.add(name);
    const seen = fieldsOf(each);
    for (const { field, would: as } of seen) count(now, field, as);
    const alive = seen.filter((field) => field.would !== "stale" && field.would !== "dropped");
    const isStale = now.effect.kind === "delete" ? isOlder(each.stamp, [each.standing?.deleted]) : alive.length === 0;
    if (isStale) staleChanges += 1;
    const isDifferent = now.effect.kind === "delete" || alive.some((field) => field.would !== "same");
    if (isStale || !(isDifferent || writesUnchanged(now.destination))) return;
    let ofDestination = written.get(now.destination);
    if (ofDestination === undefined) written.set(now.destination, (ofDestination = countDistinct()));
    ofDestination.add(name);
    if (!isDifferent || samples.size >= most || samples.has(name)) return;
    const shown = seen.map((field) => ({
      ...field,
      field: shownField(field.field),
      before: cut(field.before),
      after: cut(field.after),
    }));
    samples.set(name, { record, event, effect: now.effect.kind, fields: shown });
  }

  function cut(value: unknown): unknown {
    const text = JSON.stringify(value);
    return text.length <= valueCharacters ? value : `${text.slice(0, valueCharacters)}…`;
  }

  return {
    add(event, kind, foreseen) {
      events += 1;
      would[kind] = (would[kind] ?? 0) + 1;
      for (const each of foreseen ?? []) if (!isFetch(each.now)) addChange(event, each);
    },
    fail(event, failed) {
      for (const { place, message } of failed) {
        const known = faults.get(place);
        if (known === undefined) faults.set(place, { place, message, events: 1, sample: event });
        else known.events += 1;
      }
    },
    get forecast() {
      const requests = new Map([...written].map(([destination, { count: of }]) => [destination, of]));
      return {
        events,
        would,
        records: records.count,
        written: [...requests.values()].reduce((sum, of) => sum + of, 0),
        staleChanges,
        fields: [...fields.values()],
        faults: [...faults.values()],
        samples: [...samples.values()],
        requests,
      };
    },
  };
}

type Mutable<T> = { -readonly [Member in keyof T]: T[Member] };

const NONE = { set: 0, changed: 0, cleared: 0, same: 0, stale: 0, dropped: 0 } as const satisfies Record<
  FieldWould,
  number
>;

type Seen = DifferenceSample<unknown>["fields"][number];

/** The fate of each field of a change, and of those that its event set once and sets no more. */
function fieldsOf({ now, stamp, before, standing }: ForeseenChange): readonly Seen[] {
  if (now.effect.kind === "delete") return [];
  const { fields } = now.effect;
  const told = [...fields].map(([field, after]): Seen => {
    const known = before?.fields[field];
    const isStale = isOlder(stamp, stampsOf(standing, field));
    return {
      field,
      before: known ?? null,
      isBeforeKnown: known !== undefined,
      after,
      would: isStale ? "stale" : wouldBe(before, field, after),
    };
  });
  const gone = [...Object.keys(before?.fields ?? {}), ...(before?.hidden ?? [])].filter((field) => !fields.has(field));
  return [
    ...told,
    ...gone.map((field): Seen => {
      const known = before?.fields[field];
      return { field, before: known ?? null, isBeforeKnown: known !== undefined, after: null, would: "dropped" };
    }),
  ];
}

function wouldBe(before: MadeChange | null, field: string, after: Json): FieldWould {
  const known = before?.fields[field];
  if (known === undefined) return before?.hidden.includes(field) === true ? "changed" : "set";
  if (isSameValue(known, after)) return "same";
  return after === null ? "cleared" : "changed";
}

/** The stamps that a field's value must be newer than. */
function stampsOf(standing: LiveRecord | null, field: string): readonly (Stamp | null | undefined)[] {
  if (standing === null) return [];
  const { confirmed, pending, deleted } = standing;
  return [confirmed.get(field), pending.get(field)?.stamp, deleted];
}

function isOlder(stamp: Stamp, others: readonly (Stamp | null | undefined)[]): boolean {
  return others.some((other) => other !== null && other !== undefined && compareStamps(stamp, other) <= 0);
}
