import { isRepeated, onlyHeader, type WebhookRequest } from "../request.ts";

/**
 * A sender's signed content, as a template: text with these tokens in braces. The parts are joined as
 * bytes; the body is never decoded, so that no byte of it can change on the way.
 */
export const CONTENT_TOKENS = [
  "{body}",
  "{body:base64}",
  "{form:sorted}",
  "{method}",
  "{url}",
  "{url:hubspot-decoded}",
  "{path}",
  "{ts}",
  "{secret}",
  "{header:NAME}",
] as const;

const TOKEN = /\{([^{}]*)\}/g;

/** The unknown tokens of a template: empty when the template is good. */
export function unknownTokens(template: string): string[] {
  return [...template.matchAll(TOKEN)]
    .map(([token]) => token)
    .filter(
      (token) => !/^\{header:[a-z0-9-]+\}$/.test(token) && !(CONTENT_TOKENS as readonly string[]).includes(token),
    );
}

/** Whether the template signs the whole body. */
export function coversBody(template: string): boolean {
  return /\{(?:body(?::base64)?|form:sorted)\}/.test(template);
}

/** The bytes that were signed; undefined when a header that belongs to them is missing or repeated. */
export function signedContent(
  template: string,
  request: WebhookRequest,
  timestamp: string,
  secret: string,
): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (const part of partsOf(template)) {
    const bytes = typeof part === "string" ? resolve(part, request, timestamp, secret) : part;
    if (bytes === undefined) return undefined;
    parts.push(bytes);
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

/** The text of a template as bytes, and its tokens, without their braces, as text. */
type Parts = readonly (Uint8Array | string)[];

/** The parts of templates, kept because each is filled for every request and the schemes have few. */
const PARTS = new Map<string, Parts>();
const KEPT_TEMPLATES = 1_000;

function partsOf(template: string): Parts {
  const known = PARTS.get(template);
  if (known !== undefined) return known;
  const parts: (Uint8Array | string)[] = [];
  let end = 0;
  for (const match of template.matchAll(TOKEN)) {
    if (match.index > end) parts.push(Buffer.from(template.slice(end, match.index), "utf8"));
    parts.push(match[1] ?? "");
    end = match.index + match[0].length;
  }
  if (end < template.length) parts.push(Buffer.from(template.slice(end), "utf8"));
  if (PARTS.size < KEPT_TEMPLATES) PARTS.set(template, parts);
  return parts;
}

function resolve(token: string, request: WebhookRequest, timestamp: string, secret: string): Uint8Array | undefined {
  switch (token) {
    case "body":
      return request.body;
    case "body:base64":
      return Buffer.from(Buffer.from(request.body).toString("base64"), "latin1");
    case "form:sorted":
      return Buffer.from(sortedForm(Buffer.from(request.body).toString("utf8")), "utf8");
    case "method":
      return Buffer.from(request.method, "utf8");
    case "url":
      return Buffer.from(request.url, "utf8");
    case "url:hubspot-decoded":
      return Buffer.from(decodeLikeHubSpot(request.url), "utf8");
    case "path":
      return Buffer.from(request.path, "utf8");
    case "ts":
      return Buffer.from(timestamp, "utf8");
    case "secret":
      return Buffer.from(secret, "utf8");
    default:
      return headerPart(token, request);
  }
}

/** Names and values of a form without anything between, by name, as Twilio signs them; a name that comes twice has each value once. */
function sortedForm(body: string): string {
  const fields = new Map<string, Set<string>>();
  for (const [name, value] of new URLSearchParams(body)) fields.set(name, (fields.get(name) ?? new Set()).add(value));
  const byUnit = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
  return [...fields.keys()]
    .toSorted(byUnit)
    .flatMap((name) => [...fields.get(name)!].toSorted(byUnit).map((value) => `${name}${value}`))
    .join("");
}

function headerPart(token: string, request: WebhookRequest): Uint8Array | undefined {
  const name = token.slice("header:".length);
  if (isRepeated(request, name)) return undefined;
  const value = onlyHeader(request, name);
  // Node reads header bytes as Latin-1; the same way back gives the bytes that were sent.
  return value === undefined ? undefined : Buffer.from(value, "latin1");
}

/** HubSpot signs the URL with these escapes undone, and no others (its request validation guide). */
const HUBSPOT_ESCAPES: Readonly<Record<string, string>> = {
  "%3A": ":",
  "%2F": "/",
  "%3F": "?",
  "%40": "@",
  "%21": "!",
  "%24": "$",
  "%27": "'",
  "%28": "(",
  "%29": ")",
  "%2A": "*",
  "%2C": ",",
  "%3B": ";",
};

function decodeLikeHubSpot(url: string): string {
  return url.replaceAll(/%[0-9A-Fa-f]{2}/g, (escape) => HUBSPOT_ESCAPES[escape.toUpperCase()] ?? escape);
}
