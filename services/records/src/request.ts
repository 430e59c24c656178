import type { Request } from "express";
import { ANSWERS, isObject, Refusal, type RefusalAnswer } from "@sluice/zendesk";
import { emptyListAsObject } from "./empty-list.ts";
import { LIMITS } from "./limits.ts";
import { isStorableText, refuseUnstorable, unstorablePlaces } from "./storable.ts";

/*
 * Everything that a handler reads of a query or a body comes through this file (and of a path through router.ts): text
 * that can't be kept is refused here, and nothing behind looks for it again.
 */

/**
 * Parameters of the query, decoded: `page[size]` is a plain name. The last of repeated ones counts.
 * @throws Refusal 400 where an escape spells a NUL or no text at all, which would otherwise be read as another text
 */
export function queryOf(request: Request): URLSearchParams {
  const at = request.originalUrl.indexOf("?");
  const text = at < 0 ? "" : request.originalUrl.slice(at + 1);
  for (const pair of text.split("&")) if (!spellsText(pair)) throw unstorableParameter(nameIn(pair));
  return new URLSearchParams(text);
}

/** Whether a pair of a query, or of a form, unescapes to text that can be kept. */
export function spellsText(pair: string): boolean {
  try {
    return (pair.match(/(?:%[0-9a-f]{2})+/gi) ?? []).every((escapes) => isStorableText(decodeURIComponent(escapes)));
  } catch {
    return false;
  }
}

/** The parameter's name; as it was sent, where the name itself is no text. */
function nameIn(pair: string): string {
  const [name = ""] = pair.split("=");
  return spellsText(name) ? ([...new URLSearchParams(name).keys()][0] ?? "") : name;
}

function unstorableParameter(name: string): Refusal {
  return new Refusal(ANSWERS.invalidParameter(`${name}: ${UNSTORABLE}`));
}

const UNSTORABLE = "holds a NUL, or what is no UTF-8";

/** The last value of a parameter; null where it is absent. */
export function parameter(query: URLSearchParams, name: string): string | null {
  return query.getAll(name).at(-1) ?? null;
}

/**
 * A body of `{"<envelope>": {…}}`. `bytes` is how long it was on the wire.
 * @param apart a member whose parts are refused one by one, each by whoever reads it
 * @throws Refusal 400, or 422 with the members that hold text that can't be kept
 */
export function readEnvelope(
  request: Request,
  envelope: string,
  apart?: string,
): { readonly content: Readonly<Record<string, unknown>>; readonly bytes: number } {
  const body = readJson(request);
  const content = emptyListAsObject(isObject(body) && Object.hasOwn(body, envelope) ? body[envelope] : undefined);
  if (!isObject(content)) throw new Refusal(ANSWERS.missingEnvelope(envelope));
  refuseUnstorable(apart === undefined ? content : { ...content, [apart]: undefined });
  return { content, bytes: bytesOf(request).length };
}

/**
 * A body that is a JSON object. No body counts as an empty object.
 * @throws Refusal 400; in the words of `refused` where it holds text that can't be kept
 */
export function readJsonObject(
  request: Request,
  refused: (problem: string) => RefusalAnswer = ANSWERS.invalidParameter,
): Readonly<Record<string, unknown>> {
  if (bytesOf(request).length === 0) return {};
  const body = emptyListAsObject(readJson(request));
  if (!isObject(body)) throw new Refusal(ANSWERS.invalidParameter("The request body is not an object"));
  const [place] = unstorablePlaces(body);
  if (place !== undefined) throw new Refusal(refused(`${["body", ...place].join(".")}: ${UNSTORABLE}`));
  return body;
}

/** The parameters of the query and, in their form, the parameters in the body: `{"page":{"size":1}}` is `page[size]=1`. */
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

function bytesOf({ body }: Request): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** A body as it was sent: UTF-8, and not too deep. @throws Refusal 400 */
export function readJson(request: Request): unknown {
  try {
    const text = UTF8.decode(bytesOf(request));
    if (deeperThan(text, LIMITS.jsonDepth)) throw new RangeError(`nested deeper than ${LIMITS.jsonDepth}`);
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Refusal(ANSWERS.malformedJson(), { cause });
  }
}

/** The depth is looked at before parsing: code that recurses over a value later must not run out of stack. */
function deeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPENING_BRACE || code === OPENING_BRACKET) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === CLOSING_BRACE || code === CLOSING_BRACKET) depth -= 1;
  }
  return false;
}

const [BACKSLASH, QUOTE, OPENING_BRACE, CLOSING_BRACE, OPENING_BRACKET, CLOSING_BRACKET] = Array.from(
  '\\"{}[]',
  (sign) => sign.charCodeAt(0),
);
