import type { Json } from "@sluice/event";
import jsonata from "jsonata";

/** A JSONata expression of the configuration, and where it stands there. */
export type Expression = { readonly text: string; readonly place: string; readonly compiled: jsonata.Expression };

/** A fault of an expression as it is written, found before any event arrives. */
export type ExpressionFault = { readonly place: string; readonly message: string };

/** Compiles a text; one that does not parse is added to `faults`. */
export function compileExpression(text: string, place: string, faults: ExpressionFault[]): Expression | null {
  try {
    return { text, place, compiled: jsonata(text) };
  } catch (error) {
    faults.push({ place, message: describeSyntax(error, text) });
    return null;
  }
}

/** An expression that did not yield what is needed of it. */
export class ExpressionError extends Error {
  readonly expression: Expression;
  constructor(expression: Expression, message: string) {
    super(message);
    this.expression = expression;
  }
}

/**
 * What the expression yields over the input; undefined: nothing.
 * @throws ExpressionError
 */
export async function evaluate(expression: Expression, input: object): Promise<Json | undefined> {
  let value: unknown;
  try {
    value = await expression.compiled.evaluate(input);
  } catch (error) {
    throw new ExpressionError(expression, describeFault(error));
  }
  if (value === undefined) return undefined;
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new ExpressionError(expression, "yields a number that JSON can't carry");
  }
  // JSONata marks its sequences and may hand out functions; what is kept is plain JSON.
  const marked = value as { _jsonata_function?: true; _jsonata_lambda?: true };
  const callable = typeof value === "function" || marked._jsonata_function || marked._jsonata_lambda;
  const text = callable ? undefined : JSON.stringify(value);
  if (text === undefined) throw new ExpressionError(expression, "yields a function, not a value");
  return JSON.parse(text) as Json;
}

/** JSONata's own sense of truth. */
export function isTrue(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some((each) => isTrue(each as Json));
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== "";
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
