import { decode } from "../signature/encoding.ts";
import type { Json } from "../event.ts";
import { isObject } from "./is-object.ts";
import { parseJson } from "./json.ts";
import { isRepeated, onlyHeader, type WebhookRequest } from "../request.ts";
import { UnreadableBodyError } from "./unreadable-body.ts";

/**
 * Reads CloudEvents 1.0 over HTTP: structured (one event, its attributes beside `data`), batch (an array of
 * such), or binary (attributes in `ce-` headers, the body is the data). Some senders send structured
 * events as plain JSON, so a request with neither the type nor the headers is read as a structured event.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 * @throws UnreadableBodyError
 */
export function readCloudEvents(request: WebhookRequest): Json {
  const type = (onlyHeader(request, "content-type") ?? "").toLowerCase();
  const isStructured = /^application\/cloudevents(?:-batch)?\+json\s*(?:;|$)/.test(type);
  if (!isStructured && request.headers.has("ce-specversion")) return [checked(binary(request), 1, 1)];
  const body = parseJson(request.body);
  const events = (Array.isArray(body) ? body : [body]) as Json[];
  return events.map((event, index) => checked(event, index + 1, events.length));
}

const JSON_TYPE = /^(?:application|text)\/(?:[a-z0-9.-]+\+)?json\s*(?:;|$)/i;

/**
 * Attributes that are taken as they stand: by the specification they come with escapes, by CloudEvents' own JavaScript SDK
 * without, and undoing escapes that are none would make one id of `a%2Fb` and `a/b`.
 */
const IDENTITY = new Set(["ce-id", "ce-source"]);

function binary(request: WebhookRequest): Json {
  const attributes = [...request.headers.keys()]
    .filter((name) => /^ce-[a-z0-9]+$/.test(name))
    .map((name) => {
      if (isRepeated(request, name)) throw unreadable(`header ${name} stands there twice`);
      const value = onlyHeader(request, name) ?? "";
      return [name.slice("ce-".length), IDENTITY.has(name) ? value : decodeAttribute(value)] as const;
    });
  const type = onlyHeader(request, "content-type");
  return { ...Object.fromEntries(attributes), ...contentOf(request.body, type) };
}

function contentOf(body: Uint8Array, type: string | undefined): { readonly [member: string]: Json } {
  if (body.length === 0) return {};
  if (type === undefined || JSON_TYPE.test(type)) return { data: parseJson(body) };
  return { datacontenttype: type, data_base64: Buffer.from(body).toString("base64") };
}

/** Decodes a header's value: UTF-8 with percent escapes where a header can't carry a character. */
function decodeAttribute(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function checked(event: Json, number: number, count: number): Json {
  const place = count === 1 ? "The CloudEvent" : `CloudEvent ${number} of ${count}`;
  if (!isObject(event)) throw unreadable("event is not an object");
  for (const name of ["id", "source", "type"]) {
    const value = Object.hasOwn(event, name) ? event[name] : undefined;
    if (typeof value !== "string" || value === "") throw unreadable(`attribute ${name} is missing`, place);
  }
  const version = Object.hasOwn(event, "specversion") ? event["specversion"] : undefined;
  if (version !== "1.0") throw unreadable("specversion is not 1.0", place);
  return withData(event, place);
}

/** An event with its data. Data that is JSON by its type is JSON also where the envelope carries it as base64. */
function withData(event: { readonly [member: string]: Json }, place: string): Json {
  const { data_base64: base64, datacontenttype: type, ...rest } = event;
  if (typeof base64 !== "string" || Object.hasOwn(event, "data")) return event;
  if (typeof type !== "string" || !JSON_TYPE.test(type)) return event;
  const bytes = decode(base64, "base64");
  if (bytes === undefined) throw unreadable("data_base64 is no base64", place);
  return { ...rest, datacontenttype: type, data: parseJson(bytes) };
}

function unreadable(what: string, place = "The CloudEvent"): UnreadableBodyError {
  return new UnreadableBodyError(
    `${place} can't be read: ${what}`,
    "Send CloudEvents 1.0, as their HTTP binding says.",
  );
}
