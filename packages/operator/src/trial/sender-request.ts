import {
  findSender,
  isObject,
  missesCredential,
  signRequest,
  UnsignableError,
  type Scheme,
  type Sender,
  type WebhookRequest,
} from "@sluice/event";
import { SluiceError, type SourceConfiguration } from "@sluice/runtime";

/** A request written out, which may be given instead of a body alone. */
type WrittenRequest = {
  readonly method?: string;
  readonly query?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

export type TrialRequestOptions = {
  /** The address that the request is sent to, without a query. */
  readonly url: string;
  /** A body, or a request as `{ headers, body }`; without it the sender's sample. */
  readonly text?: string | undefined;
  /** The type that the request is given. */
  readonly type?: string | undefined;
  /** An id in place of the request's own, where the scheme looks for one in one place. */
  readonly newId?: string | undefined;
  readonly nowMs: number;
};

/**
 * A request as the source's sender makes it, signed with the first of the source's secrets.
 * @throws SluiceError `type_unwritable`, UnsignableError
 */
export function requestOf(source: SourceConfiguration, options: TrialRequestOptions): WebhookRequest {
  return signed(source, unsignedRequest(source, options), options.nowMs);
}

function signed({ scheme, secrets }: SourceConfiguration, request: WebhookRequest, nowMs: number): WebhookRequest {
  const [newest] = secrets;
  if (newest !== undefined) return signRequest(scheme, request, newest.value, nowMs);
  throw new UnsignableError(scheme, "the source has no secret yet", "Wait until the sender has handed one over.");
}

export type JudgedRequest = { readonly request: WebhookRequest; readonly signedBy: "sender" | "sluice" };

/**
 * The request that the door would judge: as it is where it was written out whole with a proof of its own, signed here otherwise.
 * @throws SluiceError `type_unwritable`, UnsignableError
 */
export function judgedRequest(source: SourceConfiguration, options: TrialRequestOptions): JudgedRequest {
  const request = unsignedRequest(source, options);
  const isWhole = options.text !== undefined && wholeRequest(options.text) !== undefined;
  return isWhole && !missesCredential(source.scheme.check, request)
    ? { request, signedBy: "sender" }
    : { request: signed(source, request, options.nowMs), signedBy: "sluice" };
}

/** The request before it is signed; a request that is written out may carry its own signature. */
export function unsignedRequest(
  source: SourceConfiguration,
  { url, text, type, newId }: TrialRequestOptions,
): WebhookRequest {
  const given = written(source, text);
  const typed = type === undefined ? given : ofType(source.scheme, given, type);
  const { method, query = "", headers, body } = newId === undefined ? typed : withId(source.scheme, typed, newId);
  const registered = source.publicUrl ?? url;
  const [base = ""] = registered.split("?");
  return {
    method: method ?? source.scheme.limits.methods[0] ?? "POST",
    url: `${base}${query}`,
    path: new URL(base).pathname,
    query: query.replace(/^\?/, ""),
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])),
    body: bytesOf(body),
  };
}

function written(source: SourceConfiguration, text: string | undefined): WrittenRequest {
  const sample = findSender(source.scheme.name)?.sample ?? PLAIN;
  if (text === undefined) return sample;
  return wholeRequest(text) ?? { ...sample, body: text };
}

/**
 * The request with another type at the place where the scheme looks for it: one header, or one member of the body.
 * @throws SluiceError `type_unwritable`
 */
function ofType({ event: rules }: Scheme, request: WrittenRequest, type: string): WrittenRequest {
  for (const template of rules.type) {
    const header = /^\{header:([a-z0-9-]+)\}$/.exec(template)?.[1];
    if (header !== undefined) return { ...request, headers: { ...request.headers, [header]: type } };
    const names = [...template.matchAll(/\{event\.([^{}]+)\}/g)].map(([, path = ""]) => path.split("."));
    const pattern = template.split(/\{[^{}]*\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
    const values = new RegExp(`^${pattern.join("(.+)")}$`).exec(type)?.slice(1);
    const body = typeof request.body === "string" ? undefined : request.body;
    if (values === undefined || body === undefined || names.length !== values.length) continue;
    // A batch is tried with its first event alone.
    const event = rules.split === "many" && Array.isArray(body) ? [(body as unknown[])[0]] : body;
    const target: unknown = Array.isArray(event) ? event[0] : event;
    if (typeof rules.split === "object" || typeof target !== "object") continue;
    const changed = names.reduce((at, path, index) => withMember(at, path, values[index]!), target as object);
    return { ...request, body: Array.isArray(event) ? [changed] : changed };
  }
  throw new SluiceError(`a sample of type "${type}" can't be made for this scheme`, {
    code: "type_unwritable",
    hint: `its types are made as ${rules.type.join(" or ")}; give the whole request, as { headers, body }`,
  });
}

/** The request with a new id: with its old one it would be a duplicate when tried again, which nobody means. */
function withId({ event: rules }: Scheme, request: WrittenRequest, id: string): WrittenRequest {
  const body = parsed(request.body);
  for (const template of rules.id) {
    const header = /^\{header:([a-z0-9-]+)\}$/.exec(template)?.[1];
    const path = /^\{event\.([^{}]+)\}$/.exec(template)?.[1]?.split(".");
    if (header !== undefined) {
      return { ...request, headers: { ...request.headers, [header]: id } };
    }
    const isOne = rules.split === "one" && isObject(body);
    if (path !== undefined && isOne && Object.hasOwn(body, path[0]!))
      return { ...request, body: withMember(body, path, id) };
  }
  return request;
}

function parsed(body: unknown): unknown {
  if (typeof body !== "string") return body;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function withMember(object: object, [member = "", ...rest]: readonly string[], value: string): object {
  const inner = (object as Record<string, unknown>)[member];
  const next =
    rest.length === 0 ? value : withMember(typeof inner === "object" && inner !== null ? inner : {}, rest, value);
  return { ...object, [member]: next };
}

const PLAIN: Sender["sample"] = { headers: { "content-type": "application/json" }, body: {} };

function wholeRequest(text: string): WrittenRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isWritten(value) ? value : undefined;
}

function isWritten(value: unknown): value is WrittenRequest {
  if (!isObject(value) || !("headers" in value) || !("body" in value)) return false;
  const { headers, method = "", query = "" } = value;
  return (
    isObject(headers) &&
    Object.values(headers).every((each) => typeof each === "string") &&
    typeof method === "string" &&
    typeof query === "string" &&
    Object.keys(value).length <= 6
  );
}

function bytesOf(body: unknown): Buffer {
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}
