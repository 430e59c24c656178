import { createHash } from "node:crypto";
import type { Event, Json } from "./event.ts";
import { parseJson } from "./json.ts";
import { LIMITS } from "./limits.ts";
import { onlyHeader, type WebhookRequest } from "./request.ts";
import type { Check, EventRules, Scheme } from "./scheme.ts";
import { fillFirst, valueAt, valueOfFirst, type TemplateFacts } from "./template.ts";
import { readInstant } from "./time.ts";
import { UnreadableBodyError } from "./unreadable-body.ts";

/**
 * Reads the events of a request that was verified. All or nothing: one element that can't be read
 * refuses the whole request, because the sender is answered once for all of them.
 * @throws UnreadableBodyError
 */
export function readEvents(scheme: Scheme, request: WebhookRequest, source: string): Event[] {
  const body = parseJson(request.body);
  const elements = split(scheme.event.split, body);
  if (elements.length > LIMITS.maxEvents) {
    throw new UnreadableBodyError(
      `The body holds ${elements.length} events, more than ${LIMITS.maxEvents}`,
      "Send smaller batches.",
    );
  }
  const headers = mappingHeaders(scheme.check, request);
  const header = (name: string): string | undefined => onlyHeader(request, name);
  return elements.map((event) => readEvent(scheme.event, { event, body, header }, source, headers));
}

function split(rule: EventRules["split"], body: Json): readonly Json[] {
  if (rule === "one") return [body];
  const part = rule === "many" ? body : valueAt(body, rule.at.split("."));
  if (rule !== "many" && !Array.isArray(part)) {
    throw new UnreadableBodyError(
      `The body has no array of events at "${rule.at}"`,
      "Check that the source's scheme is the one of its sender.",
    );
  }
  const elements = (Array.isArray(part) ? part : [part]) as Json[];
  const odd = elements.findIndex((element) => element === null || typeof element !== "object");
  if (odd >= 0) {
    throw new UnreadableBodyError(
      `Event ${odd + 1} of ${elements.length} in the body is not an object`,
      "Nothing of this request was taken. Send every event as a JSON object.",
    );
  }
  return elements;
}

const UNKNOWN_TYPE = "unknown";

function readEvent(rules: EventRules, facts: TemplateFacts, source: string, headers: Event["headers"]): Event {
  const type = fillFirst(rules.type, facts) ?? UNKNOWN_TYPE;
  const time = readTime(rules, facts);
  const data = valueOfFirst(rules.data, facts);
  return {
    id: readId(rules, facts, type, time),
    type,
    time,
    source,
    // Null is a value that the sender gave; only where there is none does the whole element stand in.
    data: data === undefined ? facts.event : data,
    headers,
  };
}

function readTime(rules: EventRules, facts: TemplateFacts): string | null {
  for (const { from, unit } of rules.time) {
    const text = fillFirst([from], facts);
    const instant = text === undefined ? undefined : readInstant(text, unit);
    if (instant !== undefined) return instant.text;
  }
  return null;
}

/**
 * Where the sender gives no id: a hash of the element with its type and its time. A hash of the body
 * alone would take a value that goes from A to B and back to A for a repetition.
 */
function readId(rules: EventRules, facts: TemplateFacts, type: string, time: string | null): string {
  const id = fillFirst(rules.id, facts);
  if (id === undefined) return sha256(JSON.stringify([type, time, facts.event]));
  return id.length > LIMITS.maxEventIdCharacters ? sha256(id) : id;
}

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}`;
}

/** Named so that what carries a credential is left out even where the scheme doesn't speak of it. */
const CREDENTIAL = /(?:^|-)(?:authorization|cookie|signature|hmac|token|secret|password|api-?key)(?:-|$)/;

/** The headers that mappings may see: without those that carry a credential or a signature. */
function mappingHeaders(check: Check, request: WebhookRequest): Event["headers"] {
  const isHidden = hiddenHeaders(check);
  // `fromEntries` defines members and never calls a setter, so a header "__proto__" is only a name.
  return Object.fromEntries(
    [...request.headers]
      .filter(([name]) => !isHidden.has(name) && !CREDENTIAL.test(name))
      .map(([name, values]) => [name, values.join(", ")]),
  );
}

function hiddenHeaders(check: Check): ReadonlySet<string> {
  if (check.type === "signature") return new Set(check.sig.headers);
  if (check.type === "token" && check.from.startsWith("header:")) {
    return new Set([check.from.slice("header:".length)]);
  }
  return new Set();
}
