import { faultOfKeyText, MAX_KEY_CHARACTERS, type Event, type Json } from "@sluice/event";
import { arrivedAtMs, type Arrival } from "../arrival.ts";
import {
  NAME_FIELD,
  type Change,
  type ChangeEffect,
  type MappedEvent,
  type MappingFault,
  type RecordKey,
} from "../change.ts";
import { clearedBy, type Clears } from "./clears.ts";
import {
  compileExpression,
  compileKey,
  evaluate,
  ExpressionError,
  type Expression,
  type ExpressionFault,
} from "../expression/expression.ts";
import { isTrue } from "../expression/truth.ts";
import { askFor, type CompiledFetch } from "./fetch.ts";
import { MAX_CHANGE_BYTES, MAX_CHANGE_FIELDS } from "../limits.ts";
import { readVersion, type Version } from "../version.ts";

/** One row of `records:` as the configuration writes it: JSONata over {id, type, time, source, data, headers}. */
export type MappingRow = {
  readonly when?: string | undefined;
  readonly destination: string;
  readonly object: string;
  readonly external_id?: string | undefined;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly version_kind?: Version["kind"] | undefined;
  readonly fields?: { readonly [field: string]: string } | undefined;
  readonly clears?: Clears | undefined;
  readonly delete?: true | undefined;
};

export type CompiledMapping = {
  readonly destination: string;
  readonly object: string;
  readonly when: Expression | null;
  readonly key: { readonly by: RecordKey["by"]; readonly expression: Expression };
  readonly version: Expression | null;
  /** The kind of the object's versions; unset: the configuration does not say. */
  readonly versionKind?: Version["kind"];
  /** Null: the mapping deletes the record. */
  readonly fields: readonly { readonly field: string; readonly expression: Expression }[] | null;
  /** Unset for `nulls`: so the digest of a row without `clears` stays what it was. */
  readonly clears?: Exclude<Clears, "nulls">;
  /** Null: the expressions read the event itself. */
  readonly fetch: CompiledFetch | null;
};

/** The row's place in the configuration, e.g. `sources.netsuite.records[0]`. */
export function rowPlace({ key }: Pick<CompiledMapping, "key">): string {
  return key.expression.place.replace(/\.(?:external_id|name)$/, "");
}

/** Compiles a row, which reads the document of `fetch`, if that is given; every expression that does not parse is told, not only the first. */
export function compileMapping(
  row: MappingRow,
  place: string,
  fetch: CompiledFetch | null = null,
):
  | { readonly mapping: CompiledMapping; readonly faults: readonly [] }
  | { readonly faults: readonly ExpressionFault[] } {
  const faults: ExpressionFault[] = [];
  const compile = (text: string, at: string): Expression | null => compileExpression(text, `${place}.${at}`, faults);
  const optional = (text: string | undefined, at: string): Expression | null =>
    text === undefined ? null : compile(text, at);

  const when = optional(row.when, "when");
  const version = optional(row.version, "version");
  const isKeyedByName = row.external_id === undefined;
  const externalId = isKeyedByName ? null : compileKey(row.external_id, `${place}.external_id`, faults);
  const name =
    isKeyedByName && row.name !== undefined
      ? compileKey(row.name, `${place}.name`, faults)
      : optional(row.name, "name");
  const fields = Object.entries(row.fields ?? {}).flatMap(([field, text]) => {
    const expression = compile(text, `fields.${field}`);
    return expression === null ? [] : [{ field, expression }];
  });
  if (row.external_id === undefined && row.name === undefined) {
    faults.push({ place, message: "needs `external_id`, or `name` where the object's names are unique" });
  }
  if (row.delete === true && row.fields !== undefined) {
    faults.push({ place: `${place}.fields`, message: "a mapping with `delete: true` sets no fields" });
  }
  if (row.delete === true && row.clears !== undefined) {
    faults.push({ place: `${place}.clears`, message: "a mapping with `delete: true` has no fields to clear" });
  }
  if (row.delete !== true && row.fields === undefined && row.name === undefined) {
    faults.push({ place, message: "sets nothing: give it `fields`, a `name`, or `delete: true`" });
  }
  const keyed = externalId ?? name;
  if (faults.length > 0 || keyed === null) return { faults };
  const named = name === null || row.external_id === undefined ? [] : [{ field: NAME_FIELD, expression: name }];
  const key = { by: row.external_id === undefined ? "name" : "external_id", expression: keyed } as const;
  const mapping = {
    destination: row.destination,
    object: row.object,
    when,
    key,
    version,
    ...(row.version_kind === undefined ? {} : { versionKind: row.version_kind }),
    fields: row.delete === true ? null : [...named, ...fields],
    ...(row.clears === undefined || row.clears === "nulls" ? {} : { clears: row.clears }),
    fetch,
  };
  return { mapping, faults: [] };
}

/** A source's rank and mappings, and when the event came in: mapping itself reads no clock. */
export type MappingContext = {
  readonly rank: number;
  readonly mappings: readonly CompiledMapping[];
  /** The event's arrival, which `$now()` tells too: an event that is understood twice means the same. */
  readonly arrival: Arrival;
  /** 0, or the number of the replay that maps the event again. */
  readonly run: number;
  /** A time version further ahead than this is a fault: it would freeze its fields for good. */
  readonly versionSkewMs: number;
};

/**
 * Maps an event: the changes that it makes by itself, and those that ask for a document to be fetched first. A mapping that fails
 * is a fault beside the changes of the others.
 */
export async function mapEvent(event: Event, context: MappingContext): Promise<MappedEvent> {
  const { mappings, arrival } = context;
  const whole = mappings.filter(({ fetch }) => fetch === null);
  const mapped = await mapRows(event, whole, context, applyMapping);
  if (whole.length === mappings.length) return mapped;
  const { changes, faults } = mapped;
  for (const fetch of new Set(mappings.flatMap((mapping) => mapping.fetch ?? []))) {
    try {
      const change = await askFor(event, fetch, arrivedAtMs(arrival));
      if (change !== null) changes.push(change);
    } catch (error) {
      faults.push(faultOf(error, fetch.lane, fetch.place));
    }
  }
  return mapped;
}

type Mapped = MappedEvent & { readonly changes: Change[]; readonly faults: MappingFault[] };

/** Applies each row to the event, and combines changes of one record. */
export async function mapRows<E extends Event, C extends MappingContext>(
  event: E,
  rows: readonly CompiledMapping[],
  context: C,
  apply: (event: E, mapping: CompiledMapping, context: C) => Promise<Change | null>,
): Promise<Mapped> {
  const changes: Change[] = [];
  const faults: MappingFault[] = [];
  for (const mapping of rows) {
    try {
      const change = await apply(event, mapping, context);
      if (change !== null) combine(changes, change, mapping);
    } catch (error) {
      faults.push(faultOf(error, mapping.destination, mapping.object));
    }
  }
  const { rank, arrival, run } = context;
  return { event, rank, arrival, run, changes, faults };
}

function faultOf(error: unknown, destination: string, object: string): MappingFault {
  if (!(error instanceof ExpressionError)) throw error;
  const { code, expression, message } = error;
  return { destination, object, code, place: expression.place, expression: expression.text, message };
}

/**
 * Applies one row. Only promises are waited for: most expressions answer at once, and waiting for those all the same would take a
 * third of the time of an event.
 * @throws ExpressionError
 */
export async function applyMapping(
  event: Event,
  mapping: CompiledMapping,
  context: MappingContext & { readonly fetchedAtMs?: number },
): Promise<Change | null> {
  const arrivedMs = arrivedAtMs(context.arrival);
  const wanted = mapping.when === null || evaluate(mapping.when, event, arrivedMs);
  if (!isTrue(wanted instanceof Promise ? await wanted : wanted)) return null;
  const keyed = evaluate(mapping.key.expression, event, arrivedMs);
  const key = readKey(keyed instanceof Promise ? await keyed : keyed, mapping);
  let version: Version | null = null;
  if (mapping.version !== null) {
    const dated = evaluate(mapping.version, event, arrivedMs);
    const said = dated instanceof Promise ? await dated : dated;
    const latestMs = (context.fetchedAtMs ?? arrivedMs) + context.versionSkewMs;
    // A delete of which nobody says when takes its arrival.
    const isUndated = mapping.fields === null && (said === undefined || said === null);
    if (!isUndated) version = versionOf(said, mapping.version, latestMs);
  }
  const { destination, object, versionKind } = mapping;
  if (versionKind !== undefined && (version?.kind ?? "time") !== versionKind) throw otherKind(mapping, versionKind);
  const effect = await evaluateEffect(mapping, event, arrivedMs);
  const change = { destination, object, key, version, effect };
  return versionKind === undefined ? change : { ...change, isKindSaid: true };
}

/** The fault of an event whose version is of another kind: one stray version does not decide how an object is ordered. */
function otherKind({ object, version, key }: CompiledMapping, kind: Version["kind"]): ExpressionError {
  const [said, seen] = kind === "time" ? ["times", "a whole number"] : ["whole numbers", "a time"];
  const message = `object "${object}" is ordered by ${said}, as \`version_kind\` says, and this version is ${seen}`;
  return new ExpressionError(version ?? key.expression, message, "version_kind");
}

function versionOf(value: Json | undefined, expression: Expression, latestMs: number): Version {
  const version = readVersion(value);
  if ("fault" in version) throw new ExpressionError(expression, `no readable version: ${version.fault}`);
  if (version.kind === "time" && version.micros > latestMs * 1000) {
    throw new ExpressionError(
      expression,
      `the version lies further ahead of our clock than \`version_skew\` allows: it would freeze its fields`,
    );
  }
  return version;
}

async function evaluateEffect(mapping: CompiledMapping, event: Event, arrivedMs: number): Promise<ChangeEffect> {
  if (mapping.fields === null) return { kind: "delete" };
  const fields = new Map<string, Json>();
  let bytes = 0;
  let isExact = false;
  for (const { field, expression } of mapping.fields) {
    const found = evaluate(expression, event, arrivedMs);
    const value = clearedBy(mapping.clears ?? "nulls", found instanceof Promise ? await found : found);
    // Nothing is not null: the event did not speak of this field.
    if (value === undefined) continue;
    // A name can't be cleared, since the destination demands one: an empty name says as little as none.
    if (field === NAME_FIELD && (value === null || value === "")) continue;
    bytes += isExact ? exactBytes([value]) : mostBytes(value);
    if (!isExact && bytes > MAX_CHANGE_BYTES) {
      isExact = true;
      bytes = exactBytes([...fields.values(), value]);
    }
    if (bytes > MAX_CHANGE_BYTES) {
      throw new ExpressionError(expression, `the change's values exceed ${MAX_CHANGE_BYTES} bytes`);
    }
    fields.set(field, field === NAME_FIELD && typeof value === "number" ? String(value) : value);
  }
  if (fields.size > MAX_CHANGE_FIELDS) {
    throw new ExpressionError(mapping.key.expression, `the change has more than ${MAX_CHANGE_FIELDS} fields`);
  }
  return { kind: "fields", fields };
}

/** A bound on a value's bytes as JSON, which spares writing it: a character is at most six bytes, `\u0001`, and a number 24. */
function mostBytes(value: Json): number {
  if (typeof value === "string") return 2 + 6 * value.length;
  return typeof value === "object" && value !== null ? exactBytes([value]) : 25;
}

function exactBytes(values: readonly Json[]): number {
  return values.reduce<number>((sum, value) => sum + Buffer.byteLength(JSON.stringify(value)), 0);
}

/** @throws ExpressionError */
export function readKey(value: Json | undefined, mapping: CompiledMapping): RecordKey {
  const { by, expression } = mapping.key;
  const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
  const fault = typeof text === "string" ? faultOfKeyText(text) : "blank";
  if (typeof text !== "string" || fault === "blank") {
    const seen = value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60);
    const code =
      value === undefined || value === null || typeof text === "string" ? "key_incomplete" : "mapping_failed";
    throw new ExpressionError(expression, `expected the record's ${by} as text, got ${seen}`, code);
  }
  if (fault === "long") {
    const message = `the record's ${by} is longer than ${MAX_KEY_CHARACTERS} characters`;
    throw new ExpressionError(expression, message, "key_invalid");
  }
  // Taking such characters out would make one record of two that the sender tells apart.
  if (fault === "unseen") {
    const message = `the record's ${by} has characters that cannot be seen: ${spelled(text)}`;
    throw new ExpressionError(expression, message, "key_invalid");
  }
  return { by, value: text };
}

/** A key as JSON, with characters beyond printable ASCII written as numbers. */
function spelled(text: string): string {
  const escaped = JSON.stringify(text).replaceAll(
    /[^\x20-\x7E]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return escaped.length > 80 ? `${escaped.slice(0, 79)}…` : escaped;
}

/** Adds a change. Two mappings of one event may set different fields of the same record: they make one change, not two. */
function combine(changes: Change[], change: Change, mapping: CompiledMapping): void {
  const at = changes.findIndex((other) => sameRecord(other, change));
  const other = changes[at];
  if (other === undefined) {
    changes.push(change);
    return;
  }
  const agree = versionText(other.version) === versionText(change.version);
  if (!agree || other.effect.kind !== change.effect.kind) {
    throw new ExpressionError(
      mapping.key.expression,
      "another mapping of the same event changes this record with another version or effect",
    );
  }
  if (other.effect.kind === "fields" && change.effect.kind === "fields") {
    const fields = new Map([...other.effect.fields, ...change.effect.fields]);
    changes[at] = { ...other, effect: { kind: "fields", fields } };
  }
}

function sameRecord(a: Change, b: Change): boolean {
  return (
    a.destination === b.destination && a.object === b.object && a.key.by === b.key.by && a.key.value === b.key.value
  );
}

function versionText(version: Version | null): string {
  if (version === null) return "arrival";
  return version.kind === "time" ? `t${version.micros}` : `i${version.value}`;
}
