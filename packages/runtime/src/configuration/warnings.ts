import {
  findSender,
  isObject,
  nearest,
  presetRows,
  sampleEvents,
  type Event,
  type Json,
  type Scheme,
} from "@sluice/event";
import {
  evaluate,
  KNOWN_FUNCTIONS,
  NAME_FIELD,
  namesIn,
  readVersion,
  rowPlace,
  type CompiledMapping,
  type Expression,
  type Names,
} from "@sluice/record";
import type { Configuration, SourceConfiguration } from "./configuration.ts";
import { faultAt, readYaml } from "./document.ts";
import type { ConfigurationFault } from "./fault.ts";
import { pathOf } from "./path-text.ts";

/**
 * Warnings of a configuration that says what it hardly means: it can be read, and yet an expression asks for what no event has, a `when` fits
 * nothing, or a row writes what the same file does not define.
 * @param text the file that the configuration was read from
 */
export async function configurationWarnings(
  text: string,
  configuration: Configuration,
): Promise<readonly ConfigurationFault[]> {
  const document = readYaml(text);
  const warnings: ConfigurationFault[] = [];
  const warn: Warn = (place, message, allowed) => {
    const fault = faultAt(document, pathOf(place), { message, allowed });
    if (!warnings.some((other) => other.place === fault.place && other.message === message)) warnings.push(fault);
  };
  const kinds = new Map<string, { readonly kind: string; readonly place: string }>();
  for (const source of configuration.sources.values()) {
    const events = sampleEvents(source.scheme, source.name);
    for (const mapping of source.mappings) {
      const known = ANY_SHAPE.test(source.scheme.name) ? [] : events;
      warnOfNames(mapping, known, warn);
      warnOfWhen(source, mapping, known, warn);
      warnOfTarget(mapping, configuration, warn);
      await warnOfKinds(mapping, events, kinds, warn);
    }
  }
  return warnings.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** Schemes that many senders use, or a person's own script: their sample shows no sender's types and members. */
const ANY_SHAPE =
  /^(?:standard-webhooks|svix|cloudevents|generic-|workato|zapier|workday|freshworks|sap-business-one|azure-event-grid)/;

type Warn = (place: string, message: string, allowed?: string) => void;

/** Members that an event may have; an event whose document was fetched has `notice`. */
const MEMBERS = "id type time finer source data headers recordId version operation thin notice".split(" ");

function expressionsOf({ when, key, version, fields, fetch }: CompiledMapping): readonly Expression[] {
  const inUrl = fetch?.url.filter((part) => typeof part !== "string") ?? [];
  const all = [when, key.expression, version, ...(fields ?? []).map(({ expression }) => expression), ...inUrl];
  return all.filter((expression) => expression !== null);
}

function warnOfNames(mapping: CompiledMapping, events: readonly Event[], warn: Warn): void {
  const shape = mapping.fetch === null ? membersOf(events.map(({ data }) => data)) : new Set<string>();
  for (const expression of expressionsOf(mapping)) {
    const { paths, unknown, calls } = namesIn(expression);
    for (const name of unknown) {
      warn(expression.place, `there is no function or variable $${name}${meant(nearest(name, KNOWN_FUNCTIONS), "$")}`);
    }
    for (const [name = "", member] of paths) {
      if (!MEMBERS.includes(name)) {
        const near = [...nearest(name, MEMBERS), ...(shape.has(name) ? [`data.${name}`] : [])];
        warn(expression.place, `\`${name}\` is nothing that an event has${meant(near)}`, MEMBERS.join(", "));
      } else if (name === "data" && member !== undefined && shape.size > 0 && !shape.has(member)) {
        const near = nearest(member, shape);
        if (near.length > 0) {
          warn(expression.place, `\`data.${member}\` is not in the sender's sample${meant(near, "data.")}`);
        }
      }
    }
    if (expression === mapping.key.expression && paths.length === 0) {
      warn(expression.place, "is the same for every event: all of them are one record");
    }
    const isField = mapping.fields?.some((field) => field.expression === expression && field.field !== NAME_FIELD);
    for (const { name, path } of isField === true ? calls : []) {
      if (name === "number") {
        warn(
          expression.place,
          `$number fails where \`${path.join(".")}\` is null or empty; $toNumber clears the field`,
        );
      }
    }
  }
}

function warnOfWhen(
  { name, scheme }: SourceConfiguration,
  { when, fetch }: CompiledMapping,
  events: readonly Event[],
  warn: Warn,
): void {
  for (const expression of [when, fetch?.when ?? null]) {
    if (expression === null) continue;
    const { comparisons, paths } = namesIn(expression);
    if (paths.length === 0 && isFalse(expression.text)) warn(expression.place, "no event fits: it is always false");
    warnOfContradictions(comparisons, expression, warn);
    for (const { path, values } of comparisons) {
      const [member, ...rest] = path;
      if (rest.length > 0) continue;
      for (const value of values) {
        const fault = member === undefined ? undefined : faultOfValue(member, value, { scheme, source: name, events });
        if (fault !== undefined) warn(expression.place, fault);
      }
    }
  }
}

function isFalse(text: string): boolean {
  return ["false", "null", "0", "''", '""'].includes(text.trim());
}

function warnOfContradictions(comparisons: Names["comparisons"], { place }: Expression, warn: Warn): void {
  const required = new Map<string, readonly unknown[]>();
  for (const { path, values, always } of comparisons) {
    if (!always) continue;
    const at = path.join(".");
    const left = values.filter((value) => required.get(at)?.includes(value) ?? true);
    if (left.length === 0) warn(place, `no event fits: \`${at}\` can't be two things at once`);
    required.set(at, left);
  }
}

type About = { readonly scheme: Scheme; readonly source: string; readonly events: readonly Event[] };

/** Why no event of the scheme has this value there. */
function faultOfValue(member: string, value: unknown, { scheme, source, events }: About): string | undefined {
  const written = JSON.stringify(value);
  switch (member) {
    case "type":
      return faultOfType(value, { scheme, source, events });
    case "source":
      return value === source ? undefined : `never true: \`source\` is always "${source}" here`;
    case "operation":
      if (value !== "delete") return `never true: \`operation\` is "delete" or is not there, never ${written}`;
      return scheme.event.delete?.length ? undefined : `never true: this scheme tells of no deletions in \`operation\``;
    case "thin":
      if (value !== true) return `never true: \`thin\` is true or is not there, never ${written}`;
      return scheme.event.thin === undefined ? "never true: this scheme marks none as `thin`" : undefined;
    default:
      return undefined;
  }
}

function faultOfType(value: unknown, { scheme, source, events }: About): string | undefined {
  if (typeof value !== "string") return `never true: \`type\` is a text, never ${JSON.stringify(value)}`;
  const known = knownTypes(scheme, source, events);
  if (known.includes(value)) return undefined;
  const near = nearest(value, known);
  if (near.length > 0) return `no event is known of type "${value}"${meant(near)}`;
  return scheme.event.type.some((template) => couldBe(template, value)) || value === "unknown"
    ? undefined
    : `never true: types of this scheme are made as ${scheme.event.type.join(" or ")}, and "${value}" is not`;
}

/** Whether the template can be filled so that it gives the text. */
function couldBe(template: string, text: string): boolean {
  const literal = template.split(/\{[^{}]*\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${literal.join(".+")}$`, "s").test(text);
}

/** The types of the sender's sample, and the types that its presets name. */
function knownTypes(scheme: Scheme, source: string, events: readonly Event[]): readonly string[] {
  const sender = findSender(scheme.name);
  const rows = sender === undefined ? [] : presetRows(sender, source, false);
  const quoted = rows.flatMap(({ when = "" }) => [...when.matchAll(/type (?:=|in) (\[[^\]]*\]|"[^"]*")/g)]);
  const named = quoted.flatMap(([, list = ""]) => [...list.matchAll(/"([^"]*)"/g)].map(([, each = ""]) => each));
  return [...new Set([...events.map(({ type }) => type), ...named])];
}

function warnOfTarget(
  { destination, object, fields, key }: CompiledMapping,
  { objects }: Configuration,
  warn: Warn,
): void {
  // A file that keeps its objects elsewhere defines none here.
  if (objects.size === 0) return;
  const row = rowPlace({ key });
  const defined = objects.get(object);
  if (defined === undefined) {
    const near = meant(nearest(object, objects.keys()));
    warn(
      `${row}.object`,
      `\`objects\` defines no "${object}"; if ${destination} has none either, its records are refused${near}`,
    );
    return;
  }
  for (const { field, expression } of fields ?? []) {
    if (field === NAME_FIELD || defined.fields.has(field)) continue;
    const near = meant(nearest(field, defined.fields.keys()));
    warn(expression.place, `\`objects\` defines no field "${field}" of ${object}${near}`);
  }
}

async function warnOfKinds(
  { destination, object, version, key, fetch }: CompiledMapping,
  events: readonly Event[],
  kinds: Map<string, { readonly kind: string; readonly place: string }>,
  warn: Warn,
): Promise<void> {
  if (version === null) return;
  for (const event of events) {
    if (fetch !== null && !/^\s*time\s*$/.test(version.text)) continue;
    const kind = await kindOf(version, event);
    if (kind === undefined) continue;
    const at = `${destination}/${object}`;
    const first = kinds.get(at) ?? { kind, place: version.place };
    kinds.set(at, first);
    if (first.kind === kind) continue;
    const row = rowPlace({ key });
    warn(
      `${row}.version`,
      `orders ${at} by ${kind}, and ${first.place} orders it by ${first.kind}: whichever event comes second is a dead letter`,
    );
  }
}

async function kindOf(version: Expression, event: Event): Promise<string | undefined> {
  try {
    const read = readVersion(await evaluate(version, event, 0));
    if ("fault" in read) return undefined;
    return read.kind === "time" ? "times" : "whole numbers";
  } catch {
    // A member that the sample lacks says nothing.
    return undefined;
  }
}

function meant(near: readonly string[], before = ""): string {
  return near.length === 0 ? "" : `; did you mean ${near.map((each) => `${before}${each}`).join(" or ")}?`;
}

function membersOf(values: readonly Json[]): ReadonlySet<string> {
  return new Set(values.flatMap((value) => (isObject(value) ? Object.keys(value) : [])));
}
