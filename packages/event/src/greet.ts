import type { Json } from "./event.ts";
import { isObject } from "./body/is-object.ts";
import { parseJson } from "./body/json.ts";
import { LIMITS } from "./limits.ts";
import { onlyHeader, receivedQuery, type WebhookRequest } from "./request.ts";
import type { Handshake, Scheme } from "./scheme.ts";

/** The exact answer to a sender's question whether it may deliver. */
export type Greeting = {
  readonly status: 200;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** True: the answer is given only when the request itself is authentic. */
  readonly authenticated: boolean;
  /** A secret that the sender hands over: the answer is given only while a secret is awaited, and the secret kept from then on. */
  readonly secret?: string;
  /** A URL to be opened after the answer has left: the sender waits for a 200 first. Its host is the one that the scheme pins. */
  readonly visit?: string;
};

/** The answer to a handshake; undefined for any other request. A handshake proves nothing about the caller. */
export function greet({ handshakes = [] }: Scheme, request: WebhookRequest): Greeting | undefined {
  for (const handshake of handshakes) {
    const greeting = answer(handshake, request);
    if (greeting !== undefined) return greeting;
  }
  return undefined;
}

/** Whether the sender hands its secret over, so that the configuration may have none. */
export function handsSecretOver({ handshakes = [] }: Pick<Scheme, "handshakes">): boolean {
  return handshakes.some(({ kind }) => kind === "header-echo" || kind === "body-secret");
}

/** The methods that a scheme's handshakes come with, beside those of its deliveries. */
export function handshakeMethods({ handshakes = [] }: Scheme): readonly string[] {
  return handshakes.flatMap(({ kind }) => {
    if (kind === "cloudevents-options") return ["OPTIONS"];
    if (kind === "head") return ["HEAD"];
    if (kind === "get") return ["GET"];
    if (kind === "query-echo") return ["GET", "POST"];
    return kind === "query-echo-json" ? ["GET"] : ["POST"];
  });
}

function answer(handshake: Handshake, request: WebhookRequest): Greeting | undefined {
  switch (handshake.kind) {
    case "query-echo":
    case "query-echo-json": {
      // A sender that asks with GET alone delivers with POST, and a delivery is never taken for a question.
      const asks = handshake.kind === "query-echo" ? ["GET", "POST"] : ["GET"];
      if (!asks.includes(request.method)) return undefined;
      const [value, ...others] = new URLSearchParams(receivedQuery(request)).getAll(handshake.param);
      if (value === undefined || others.length > 0 || !isEchoable(value)) return undefined;
      const body = handshake.kind === "query-echo" ? value : JSON.stringify({ [handshake.param]: value });
      return plain(body, { "content-type": handshake.as });
    }
    case "json-echo": {
      // A body with anything beside the challenge is another sender's question, or an event.
      const challenge = membersOf(bodyOf(request), 1)?.[handshake.field];
      if (request.method !== "POST" || !isEchoable(challenge)) return undefined;
      return plain(JSON.stringify({ [handshake.field]: challenge }), { "content-type": "application/json" });
    }
    case "signed-echo": {
      const members = request.method === "POST" ? membersOf(bodyOf(request)) : undefined;
      const challenge = members?.["type"] === handshake.only ? members[handshake.field] : undefined;
      if (!isEchoable(challenge)) return undefined;
      return { ...plain(challenge, { "content-type": "text/plain" }), authenticated: true };
    }
    case "validation-url": {
      const given = membersOf(bodyOf(request), 1)?.[handshake.field];
      const visit = request.method === "POST" && isEchoable(given) ? urlAt(handshake.host, given) : undefined;
      return visit === undefined ? undefined : { ...plain("", {}), visit };
    }
    case "signed-visit": {
      const { field, where, host } = handshake;
      const members = request.method === "POST" ? membersOf(bodyOf(request)) : undefined;
      const given = members?.[where.member] === where.is ? members[field] : undefined;
      const visit = isEchoable(given) ? urlAt(new RegExp(`^(?:${host})$`), given) : undefined;
      return visit === undefined ? undefined : { ...plain("", {}), visit, authenticated: true };
    }
    case "header-echo": {
      const secret = onlyHeader(request, handshake.header);
      if (request.method !== "POST" || !isEchoable(secret) || secret.trim() === "") return undefined;
      return { ...plain("", { [handshake.header]: secret }), secret };
    }
    case "body-secret": {
      const secret = membersOf(bodyOf(request), 1)?.[handshake.field];
      if (request.method !== "POST" || !isEchoable(secret) || secret.trim() === "") return undefined;
      return { ...plain("", {}), secret };
    }
    case "cloudevents-options":
      return allowOrigin(request, handshake.authenticated === true);
    case "eventgrid-validation": {
      const code = request.method === "POST" ? validationCode(bodyOf(request)) : undefined;
      if (!isEchoable(code)) return undefined;
      return plain(JSON.stringify({ validationResponse: code }), { "content-type": "application/json" });
    }
    case "form-ping": {
      if (request.method !== "POST" || request.body.length > LIMITS.maxEchoCharacters) return undefined;
      const fits = new RegExp(handshake.pattern).test(Buffer.from(request.body).toString("latin1"));
      return fits ? plain("", {}) : undefined;
    }
    case "head":
      return request.method === "HEAD" ? plain("", {}) : undefined;
    case "get":
      return request.method === "GET" && request.body.length === 0 ? plain("", {}) : undefined;
  }
}

function plain(body: string, headers: Greeting["headers"]): Greeting {
  return { status: 200, headers, body, authenticated: false };
}

/** The answer that consents, by a header, not the status: a browser's preflight asks otherwise and must never get it. */
function allowOrigin(request: WebhookRequest, authenticated: boolean): Greeting | undefined {
  const origin = onlyHeader(request, "webhook-request-origin");
  if (request.method !== "OPTIONS" || !isEchoable(origin)) return undefined;
  const rate = onlyHeader(request, "webhook-request-rate");
  if (request.headers.has("webhook-request-rate") && (rate === undefined || !/^(?:\*|[1-9]\d{0,8})$/.test(rate))) {
    return undefined;
  }
  // A sender that asked for no rate is told one too, as section 4.2 of the specification advises.
  return {
    ...plain("", { allow: "POST", "webhook-allowed-origin": origin, "webhook-allowed-rate": rate ?? "*" }),
    authenticated,
  };
}

/** The URL, if it leads to this host over https and names no port, user or password: anybody can send a URL. */
function urlAt(host: string | RegExp, text: string): string | undefined {
  const url = URL.parse(text);
  const isPlain = url?.protocol === "https:" && url.port === "" && url.username === "" && url.password === "";
  const isPinned = isPlain && (typeof host === "string" ? url.host === host : host.test(url.host));
  return isPinned ? url.href : undefined;
}

const VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent";

function validationCode(body: Json | undefined): Json | undefined {
  const [event, ...others] = Array.isArray(body) ? (body as Json[]) : [];
  const members = membersOf(event);
  if (others.length > 0 || members?.["eventType"] !== VALIDATION) return undefined;
  return membersOf(members["data"])?.["validationCode"];
}

/** Whether a value may be given back: it is short and can stand in a header or a text as it is. */
function isEchoable(value: Json | undefined): value is string {
  return typeof value === "string" && value.length <= LIMITS.maxEchoCharacters && /^[\x20-\x7e]+$/.test(value);
}

function bodyOf(request: WebhookRequest): Json | undefined {
  if (request.body.length === 0 || request.body.length > 16 * LIMITS.maxEchoCharacters) return undefined;
  try {
    return parseJson(request.body);
  } catch {
    return undefined;
  }
}

/** The members of an object, if there are `count` of them. */
function membersOf(value: Json | undefined, count?: number): { readonly [member: string]: Json } | undefined {
  if (!isObject(value)) return undefined;
  const members = Object.entries(value);
  // Own members alone, so that nothing inherited is taken for the sender's.
  return count === undefined || members.length === count ? Object.assign(Object.create(null), value) : undefined;
}
