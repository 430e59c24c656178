import type { Json } from "../event.ts";
import { isExact } from "./exact-number.ts";
import { LIMITS } from "../limits.ts";
import { UnreadableBodyError } from "./unreadable-body.ts";
import { decodeUtf8 } from "./utf8.ts";

/**
 * Parses JSON that a stranger wrote. Beyond what `JSON.parse` refuses, it refuses invalid UTF-8, NUL
 * and half surrogate pairs (no store keeps them), numbers that no double can hold, and deep nesting.
 * Integers beyond 2^53 − 1, and fractions of more digits than a double has, become strings of their digits, since ids must not
 * change and amounts not be rounded. Members named
 * `__proto__` are dropped: as data they mean nothing, and copying one would set a prototype.
 * @throws UnreadableBodyError
 */
export function parseJson(bytes: Uint8Array): Json {
  const text = decodeUtf8(bytes);
  const needsCare = !isPlain(text) && inspect(text);
  try {
    return (needsCare ? JSON.parse(text, careful as Reviver) : JSON.parse(text)) as Json;
  } catch (error) {
    if (error instanceof UnreadableBodyError) throw error;
    throw new UnreadableBodyError(
      text === "" ? "The body is empty" : "The body is not JSON",
      "Send one JSON document, in UTF-8.",
      error,
    );
  }
}

/** The reviver's third argument, which TypeScript's library doesn't know yet. */
type Source = { readonly source?: string };
type Reviver = (this: unknown, key: string, value: unknown) => unknown;

function careful(this: unknown, key: string, value: unknown, { source }: Source): unknown {
  if (key === "__proto__") return undefined;
  if (!key.isWellFormed() || (typeof value === "string" && !value.isWellFormed())) {
    throw new UnreadableBodyError(
      "The body holds half of a surrogate pair",
      "Escape characters beyond U+FFFF as a pair of \\u escapes, or send them as UTF-8.",
    );
  }
  if (typeof value !== "number" || source === undefined) return value;
  if (!Number.isFinite(value)) {
    throw new UnreadableBodyError("The body holds a number that is too large", "Send it as a string.");
  }
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : source;
  return isExact(source) ? value : source;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const POINT = 0x2e;
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Marks of a text that needs a closer look: escapes, NUL, `__proto__`, long numbers and exponents; `inspect` finds out the rest. */
const UNUSUAL = /\\u|\0|__proto__|\d[\d.]{15}|\d[eE]/;

/** Whether a text is as most are: the engine's own search for unusual parts costs a tenth of a walk. */
function isPlain(text: string): boolean {
  return !UNUSUAL.test(text) && countUpTo(text, "{") + countUpTo(text, "[") <= LIMITS.maxJsonDepth;
}

function countUpTo(text: string, character: string): number {
  let count = 0;
  for (
    let at = text.indexOf(character);
    at >= 0 && count <= LIMITS.maxJsonDepth;
    at = text.indexOf(character, at + 1)
  ) {
    count += 1;
  }
  return count;
}

/**
 * Walks the text once before it is parsed, so that a refused text costs no memory, and tells whether
 * the slower careful parse is needed at all.
 */
function inspect(text: string): boolean {
  let needsCare = text.includes("__proto__");
  let depth = 0;
  let digits = 0;
  let isString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0) throw nulError();
    if (isString) {
      if (code === QUOTE) isString = false;
      else if (code === BACKSLASH) {
        at += 1;
        if (text[at] === "u") needsCare = inspectEscape(text.slice(at + 1, at + 5)) || needsCare;
      }
      continue;
    }
    if (isDigit(code)) {
      digits += 1;
      if (digits >= 16) needsCare = true;
      continue;
    }
    if (code === POINT) continue;
    // An exponent can make a number larger than a double holds: "1e999".
    if ((code === 0x45 || code === 0x65) && digits > 0) needsCare = true;
    digits = 0;
    if (code === QUOTE) isString = true;
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > LIMITS.maxJsonDepth) throw depthError();
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return needsCare;
}

/** True for escapes that a careful parse must look at: a surrogate, or an underscore in disguise. */
function inspectEscape(hex: string): boolean {
  if (hex === "0000") throw nulError();
  return /^(?:d[89a-f]|005f)/i.test(hex);
}

function nulError(): UnreadableBodyError {
  return new UnreadableBodyError("The body holds a NUL character", "Leave U+0000 out of the JSON.");
}

function depthError(): UnreadableBodyError {
  return new UnreadableBodyError(`The body is nested deeper than ${LIMITS.maxJsonDepth} levels`, "Send flatter JSON.");
}
