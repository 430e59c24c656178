import type { Request } from "express";
import { ANSWERS, Refusal } from "@sluice/zendesk";
import { LIMITS } from "./limits.ts";

/** Parameters of the query, decoded: `page[size]` is a plain name, and of repeated ones the last counts. */
export function queryOf(request: Request): URLSearchParams {
  const at = request.originalUrl.indexOf("?");
  return new URLSearchParams(at < 0 ? "" : request.originalUrl.slice(at + 1));
}

/** The last value of a parameter; null where it is absent. */
export function parameter(query: URLSearchParams, name: string): string | null {
  return query.getAll(name).at(-1) ?? null;
}

/** The host, as the caller sees it. */
export function originOf(request: Request): string {
  return `${request.protocol}://${request.get("host") ?? "localhost"}`;
}

/** Where this API is, as the caller sees it; links must lead back through the same host. */
export function baseOf(request: Request): string {
  return `${originOf(request)}/api/v2`;
}

/** A body of `{"<envelope>": {…}}`. `bytes` is how long it was on the wire. */
export function readEnvelope(
  request: Request,
  envelope: string,
): { readonly content: Readonly<Record<string, unknown>>; readonly bytes: number } {
  const raw: unknown = request.body;
  const bytes = Buffer.isBuffer(raw) ? raw : Buffer.alloc(0);
  const body = parse(bytes);
  const content = isObject(body) && Object.hasOwn(body, envelope) ? body[envelope] : undefined;
  if (!isObject(content)) throw new Refusal(ANSWERS.missingEnvelope(envelope));
  return { content, bytes: bytes.length };
}

/** A body that is a JSON object, or nothing, which counts as an empty one. */
export function readBody(request: Request): Readonly<Record<string, unknown>> {
  const raw: unknown = request.body;
  if (!Buffer.isBuffer(raw) || raw.length === 0) return {};
  const body = parse(raw);
  if (!isObject(body)) throw new Refusal(ANSWERS.invalidParameter("The request body is not an object"));
  return body;
}

/** The parameters of the query and, in their form, those that stand in the body: `{"page":{"size":1}}` is `page[size]=1`. */
export function mergedParameters(query: URLSearchParams, body: Readonly<Record<string, unknown>>): URLSearchParams {
  const merged = new URLSearchParams(query);
  const add = (name: string, value: unknown) => {
    if (merged.has(name)) return;
    if (typeof value === "string" || typeof value === "number") merged.set(name, String(value));
  };
  for (const [name, value] of Object.entries(body)) {
    if (isObject(value)) for (const [member, inner] of Object.entries(value)) add(`${name}[${member}]`, inner);
    else add(name, value);
  }
  return merged;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function parse(bytes: Buffer): unknown {
  try {
    const text = UTF8.decode(bytes);
    if (deeperThan(text, LIMITS.jsonDepth)) throw new RangeError(`nested deeper than ${LIMITS.jsonDepth}`);
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Refusal(ANSWERS.malformedJson(), { cause });
  }
}

/** Looked at before parsing: what recurses over a value later must not run out of stack. */
function deeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") {
      depth += 1;
      if (depth > limit) return true;
    } else if (character === "}" || character === "]") depth -= 1;
  }
  return false;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
