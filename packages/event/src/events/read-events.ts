import type { Event, Json } from "../event.ts";
import { identify } from "./identity.ts";
import { parseJson } from "../body/json.ts";
import { LIMITS } from "../limits.ts";
import { mappingHeaders } from "./mapping-headers.ts";
import { parseBody } from "../body/read-body.ts";
import { onlyHeader, receivedQuery, type WebhookRequest } from "../request.ts";
import type { EventRules, Mark, Scheme } from "../scheme.ts";
import { split } from "./split.ts";
import { fillFirst, valueAt, valueOfFirst, type TemplateFacts } from "./template.ts";
import { readTime } from "../time.ts";
import { UnreadableBodyError } from "../body/unreadable-body.ts";
import { withoutCredentials } from "../kept/without-credentials.ts";

/**
 * Reads the events of a request that was verified, all or none: one element that can't be read
 * refuses the whole request, because the sender is answered once for all of them.
 * @throws UnreadableBodyError
 */
export function readEvents(scheme: Scheme, verified: WebhookRequest, source: string): Event[] {
  const request = withoutCredentials(scheme, verified);
  const headers = mappingHeaders(request);
  return readFacts(scheme, request).map((facts) => readEvent(scheme.event, facts, source, headers));
}

/**
 * The ids of the events of a request without its credentials.
 * @throws UnreadableBodyError
 */
export function eventIds(scheme: Scheme, request: WebhookRequest): string[] {
  return readFacts(scheme, request).map((facts) => idOf(scheme.event, facts));
}

/** The facts of the request's events, an entry for each. */
function readFacts(scheme: Scheme, request: WebhookRequest): readonly TemplateFacts[] {
  const body = parseBody(scheme, request);
  const { json = [], omit } = scheme.event;
  const header = (name: string): string | undefined => onlyHeader(request, name);
  const query = (name: string): string | undefined => {
    const [value, ...others] = new URLSearchParams(receivedQuery(request)).getAll(name);
    return others.length === 0 ? value : undefined;
  };
  const elements = split(scheme.event.split, body);
  const facts: TemplateFacts[] = [];
  for (const [index, element] of elements.entries()) {
    const event = withDocuments(without(element, omit), json);
    const place = { index, of: elements.length };
    for (const each of eachOf(scheme.event.each, event, place))
      facts.push({ event, index, body, header, query, ...each });
  }
  if (facts.length <= LIMITS.maxEvents) return facts;
  throw new UnreadableBodyError(
    `The body holds ${facts.length} events, more than ${LIMITS.maxEvents}`,
    "Send smaller batches.",
  );
}

/** The element with the documents that stand as texts in these members of it; a text that is no object or array stays a text. */
function withDocuments(element: Json, names: readonly string[]): Json {
  if (names.length === 0 || Array.isArray(element)) return element;
  const entries = Object.entries(element as { readonly [member: string]: Json });
  return Object.fromEntries(entries.map(([name, value]) => [name, names.includes(name) ? documentIn(value) : value]));
}

function documentIn(value: Json): Json {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return parseJson(Buffer.from(value, "utf8"));
  } catch {
    return value;
  }
}

function without(element: Json, names: readonly string[] | undefined): Json {
  if (names === undefined || Array.isArray(element)) return element;
  return Object.fromEntries(Object.entries(element as object).filter(([name]) => !names.includes(name))) as Json;
}

/** An entry for each value of an element's own array, such as the ids that one change touched. */
function eachOf(
  rule: EventRules["each"],
  element: Json,
  { index, of }: { readonly index: number; readonly of: number },
): readonly { readonly each?: string | number }[] {
  if (rule === undefined) return ITSELF;
  const { at: path, otherwise } = typeof rule === "string" ? { at: rule, otherwise: undefined } : rule;
  const values = valueAt(element, path.split("."));
  if (otherwise === "one" && (values === undefined || values === null)) return ITSELF;
  if (Array.isArray(values) && values.every(isId)) {
    return values.map((each) => ({ each }));
  }
  throw new UnreadableBodyError(
    `Event ${index + 1} of ${of} has no array of ids at "${path}"`,
    "Check that the source's scheme is the one of its sender.",
  );
}

/** One entry, of an element that makes one event. */
const ITSELF = [{}];

function isId(value: Json): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

const UNKNOWN_TYPE = "unknown";

function readEvent(rules: EventRules, facts: TemplateFacts, source: string, headers: Event["headers"]): Event {
  const data = valueOfFirst(rules.data, facts);
  const version = versionOf(rules, facts);
  const finer = finerOf(rules, facts);
  const isThin = rules.thin === "always" || rules.thin?.some((mark) => shows(mark, facts)) === true;
  return {
    id: idOf(rules, facts),
    type: typeOf(rules, facts),
    time: timeOf(rules.time, facts) ?? null,
    source,
    // Null is a value that the sender gave; only where there is no value does the whole element stand in.
    data: data === undefined ? facts.event : data,
    headers,
    ...(facts.each === undefined ? {} : { recordId: String(facts.each) }),
    ...(finer === undefined ? {} : { finer }),
    ...(version === undefined ? {} : { version }),
    ...(rules.delete?.some((mark) => shows(mark, facts)) === true ? { operation: "delete" } : {}),
    ...(isThin ? { thin: true } : {}),
  };
}

function idOf(rules: EventRules, facts: TemplateFacts): string {
  return identify(rules, facts, () => [
    typeOf(rules, facts),
    finerOf(rules, facts) ?? null,
    versionOf(rules, facts) ?? null,
  ]);
}

function typeOf(rules: EventRules, facts: TemplateFacts): string {
  return fillFirst(rules.type, facts) ?? UNKNOWN_TYPE;
}

function finerOf(rules: EventRules, facts: TemplateFacts): string | undefined {
  return timeOf(rules.finer ?? rules.time, facts);
}

function timeOf(rules: EventRules["time"], facts: TemplateFacts): string | undefined {
  for (const { from, unit, ordinal } of rules) {
    const text = fillFirst([from], facts);
    const instant = text === undefined ? undefined : readTime(text, unit);
    if (instant !== undefined) return ordinal === undefined ? instant.text : withOrdinal(instant.ms, ordinal, facts);
  }
  return undefined;
}

/** The time with the event's place in its millisecond as microseconds, so that a later event has a later time. */
function withOrdinal(ms: number, template: string, facts: TemplateFacts): string {
  const text = fillFirst([template], facts);
  const micros = text !== undefined && /^\d{1,9}$/.test(text) ? Math.min(Number(text), 999) : 0;
  return new Date(ms).toISOString().replace("Z", `${String(micros).padStart(3, "0")}Z`);
}

/** The record's version. All versions of a scheme are of one kind, so its rules are all times or all integers. */
function versionOf({ version = [] }: EventRules, facts: TemplateFacts): string | undefined {
  for (const { from, unit } of version) {
    const text = fillFirst([from], facts);
    if (text === undefined) continue;
    if (unit !== "integer") {
      const time = timeOf([{ from, unit }], facts);
      if (time !== undefined) return time;
    } else if (/^(?:0|[1-9]\d{0,18})$/.test(text) && BigInt(text) < 2n ** 63n) return text;
  }
  return undefined;
}

function shows(mark: Mark, facts: TemplateFacts): boolean {
  if ("lacks" in mark) return valueOfFirst([mark.lacks], facts) === undefined;
  const text = fillFirst([mark.in], facts);
  return text !== undefined && new RegExp(mark.fits).test(text);
}
