import type jsonata from "jsonata";
import type { Json } from "@sluice/event";
import { compileBounded, evaluateBounded } from "./bounded.ts";
import { directOf, UNSURE, type Direct, type SyntaxNode } from "./direct.ts";
import { MissingPart } from "./parts.ts";
import { MAX_CHANGE_BYTES } from "../limits.ts";

/** A JSONata expression of the configuration, and where it stands there. */
export type Expression = {
  readonly text: string;
  /** e.g. `sources.netsuite.records[0].version` */
  readonly place: string;
  readonly compiled: jsonata.Expression;
  readonly direct: Direct | undefined;
};

/** A fault of an expression as it is written, found before any event arrives. */
export type ExpressionFault = { readonly place: string; readonly message: string };

/** `key_incomplete`: a part of the record's key is missing, null or empty. `key_invalid`: no record can have the key. `version_kind`: a version is not of the configured kind. */
export type ExpressionCode = "mapping_failed" | "key_incomplete" | "key_invalid" | "version_kind";

/** An expression did not yield a value that its place can take. */
export class ExpressionError extends Error {
  readonly expression: Pick<Expression, "text" | "place">;
  readonly code: ExpressionCode;

  constructor(
    expression: Pick<Expression, "text" | "place">,
    message: string,
    code: ExpressionCode = "mapping_failed",
  ) {
    super(message);
    this.expression = expression;
    this.code = code;
  }
}

/** Compiles a text. A text that does not parse, or that could not be bounded or repeated, is added to `faults`. */
export function compileExpression(text: string, place: string, faults: ExpressionFault[]): Expression | null {
  return compile(text, place, faults, false);
}

/** Compiles an expression that yields a record's key: it fails where a part of the key is missing. */
export function compileKey(text: string, place: string, faults: ExpressionFault[]): Expression | null {
  return compile(text, place, faults, true);
}

function compile(text: string, place: string, faults: ExpressionFault[], isKey: boolean): Expression | null {
  try {
    const compiled = compileBounded(text, isKey);
    return { text, place, compiled, direct: directOf(compiled.ast() as unknown as SyntaxNode) };
  } catch (error) {
    faults.push({ place, message: describeSyntax(error, text) });
    return null;
  }
}

/**
 * Evaluates the expression over the input, at once where it is compiled to a function; undefined: it yields nothing. `$now()`
 * is the arrival. Expressions see what strangers send, so each evaluation is bounded.
 * @throws ExpressionError
 */
export function evaluate(
  expression: Expression,
  input: object,
  arrivedAtMs: number,
): Json | undefined | Promise<Json | undefined> {
  if (expression.direct === undefined) return askJsonata(expression, input, arrivedAtMs);
  try {
    // A direct function yields parts of JSON, which need no cleaning.
    return bounded(expression.direct(input) as Json | undefined, expression);
  } catch (error) {
    if (error !== UNSURE) throw errorOf(error, expression);
    return askJsonata(expression, input, arrivedAtMs);
  }
}

async function askJsonata(expression: Expression, input: object, arrivedAtMs: number): Promise<Json | undefined> {
  let value: unknown;
  try {
    value = await evaluateBounded(expression.compiled, input, arrivedAtMs);
  } catch (error) {
    throw errorOf(error, expression);
  }
  return plain(value, expression);
}

function errorOf(error: unknown, expression: Expression): ExpressionError {
  if (error instanceof ExpressionError) return error;
  return new ExpressionError(
    expression,
    describeFault(error),
    error instanceof MissingPart ? "key_incomplete" : "mapping_failed",
  );
}

function bounded<T>(value: T, expression: Expression): T {
  if (typeof value !== "string" || value.length <= MAX_CHANGE_BYTES) return value;
  throw new ExpressionError(expression, "yields a text that is too long");
}

/** A value as plain JSON: JSONata marks its sequences and may hand out functions. */
function plain(value: unknown, expression: Expression): Json | undefined {
  if (value === undefined) return undefined;
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") {
    // Bodies hold no half characters, but `$split(name, "")` cuts an emoji in two; no URL can carry a half, and so no key.
    if (value.isWellFormed()) return bounded(value, expression);
    throw new ExpressionError(expression, "yields half of a character beyond U+FFFF");
  }
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new ExpressionError(expression, "yields a number that JSON can't carry");
  }
  const marked = value as { _jsonata_function?: unknown; _jsonata_lambda?: unknown };
  const callable = typeof value === "function" || marked._jsonata_function === true || marked._jsonata_lambda === true;
  const text = callable ? undefined : JSON.stringify(value);
  if (text === undefined) throw new ExpressionError(expression, "yields a function, not a value");
  return JSON.parse(text) as Json;
}

function describeFault(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return `${message ?? String(error)}${code === undefined ? "" : ` (JSONata ${code})`}`;
}

function describeSyntax(error: unknown, text: string): string {
  const { position } = error as { position?: number };
  const near = position === undefined ? "" : `, near «${text.slice(Math.max(0, position - 12), position + 4)}»`;
  return `${describeFault(error)}${near}`;
}
