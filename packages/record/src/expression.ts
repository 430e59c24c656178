import jsonata from "jsonata";
import type { Json } from "@sluice/event";
import { MAX_CHANGE_BYTES, MAX_EXPRESSION_DEPTH, MAX_EXPRESSION_ITEMS, MAX_EXPRESSION_STEPS } from "./limits.ts";
import { assertLinear, LinearRegex } from "./linear-regex.ts";

/** A JSONata expression of the configuration, and where it stands there. */
export type Expression = {
  readonly text: string;
  /** e.g. `sources.netsuite.records[0].version` */
  readonly place: string;
  readonly compiled: jsonata.Expression;
  readonly shortCut: ShortCut | undefined;
};

/** A fault of an expression as it is written, found before any event arrives. */
export type ExpressionFault = { readonly place: string; readonly message: string };

/** An expression that did not yield what is needed of it. */
export class ExpressionError extends Error {
  readonly expression: Pick<Expression, "text" | "place">;
  constructor(expression: Pick<Expression, "text" | "place">, message: string) {
    super(message);
    this.expression = expression;
  }
}

/** Compiles a text; one that does not parse, or that could not be bounded, is added to `faults`. */
export function compileExpression(text: string, place: string, faults: ExpressionFault[]): Expression | null {
  try {
    const compiled = compile(text);
    return { text, place, compiled, shortCut: shortCutOf(compiled.ast() as unknown as Node) };
  } catch (error) {
    faults.push({ place, message: describeSyntax(error, text) });
    return null;
  }
}

/**
 * What the expression yields over the input; undefined: nothing. Expressions see what strangers send, so each is bounded:
 * in steps and depth rather than in time, because an evaluation must end the same way on a busy machine, and after a pause
 * of the whole process, as it does elsewhere.
 * @throws ExpressionError
 */
export async function evaluate(expression: Expression, input: object): Promise<Json | undefined> {
  const known = expression.shortCut === undefined ? UNSURE : expression.shortCut(input);
  if (known !== UNSURE) return known as Json | undefined;
  let value: unknown;
  try {
    value = await expression.compiled.evaluate(input);
  } catch (error) {
    throw new ExpressionError(expression, describeFault(error));
  }
  return plain(value, expression);
}

/** JSONata's own sense of truth. */
export function isTrue(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some((each) => isTrue(each as Json));
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== "";
}

type Frame = { readonly base: { steps?: number } };

function compile(text: string): jsonata.Expression {
  const options = { stack: MAX_EXPRESSION_DEPTH, sequence: MAX_EXPRESSION_ITEMS, RegexEngine: LinearRegex };
  const compiled = jsonata(text, options as unknown as jsonata.JsonataOptions);
  for (const regex of regexesOf(compiled.ast())) assertLinear(regex);
  // JSONata calls it before each step; `base` is the frame of this one evaluation.
  const step = (_expression: unknown, _input: unknown, { base }: Frame): void => {
    base.steps = (base.steps ?? 0) + 1;
    if (base.steps > MAX_EXPRESSION_STEPS) throw new Error(`takes more than ${MAX_EXPRESSION_STEPS} steps`);
  };
  (compiled.assign as unknown as (name: symbol, value: unknown) => void)(Symbol.for("jsonata.__evaluate_entry"), step);
  return compiled;
}

/** What is kept is plain JSON: JSONata marks its sequences and may hand out functions. */
function plain(value: unknown, expression: Expression): Json | undefined {
  if (value === undefined) return undefined;
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") {
    if (value.length > MAX_CHANGE_BYTES) throw new ExpressionError(expression, "yields a text that is too long");
    // Bodies hold none, but `$split(name, "")` cuts an emoji in two; no URL can carry a half, and so no key.
    if (!value.isWellFormed()) throw new ExpressionError(expression, "yields half of a character beyond U+FFFF");
    return value;
  }
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new ExpressionError(expression, "yields a number that JSON can't carry");
  }
  const marked = value as { _jsonata_function?: true; _jsonata_lambda?: true };
  const callable = typeof value === "function" || marked._jsonata_function || marked._jsonata_lambda;
  const text = callable ? undefined : JSON.stringify(value);
  if (text === undefined) throw new ExpressionError(expression, "yields a function, not a value");
  return JSON.parse(text) as Json;
}

/** A node of JSONata's syntax tree, as far as it is looked at here. */
type Node = {
  readonly type: string;
  readonly value?: unknown;
  readonly steps?: readonly Node[];
  readonly lhs?: Node;
  readonly rhs?: Node;
  readonly [other: string]: unknown;
};

const UNSURE = Symbol("ask JSONata");
type ShortCut = (input: object) => unknown;

/**
 * Most expressions of a mapping are a plain path, `data.customer.name`, or compare one with a constant; evaluating them
 * here costs a hundredth. Whatever could mean more to JSONata, a list above all, is UNSURE and goes to JSONata itself; a
 * property test holds the two together.
 */
function shortCutOf(node: Node): ShortCut | undefined {
  if (node.type === "path") return pathOf(node);
  if (node.type !== "binary" || node.value !== "=" || !isBare(node, ["type", "value", "position", "lhs", "rhs"])) {
    return undefined;
  }
  const { lhs, rhs } = node;
  if (lhs?.type !== "path" || rhs?.type !== "string" || !isBare(rhs, ["type", "value", "position"])) return undefined;
  const path = pathOf(lhs);
  if (path === undefined) return undefined;
  return (input) => {
    const value = path(input);
    return value === UNSURE ? UNSURE : value === rhs.value;
  };
}

function pathOf({ steps, ...rest }: Node): ShortCut | undefined {
  const names = (steps ?? []).map((step) =>
    step.type === "name" && isBare(step, ["type", "value", "position"]) ? step.value : undefined,
  );
  if (!isBare(rest, ["type"]) || names.length === 0) return undefined;
  if (!names.every((name): name is string => typeof name === "string")) return undefined;
  return (input) => {
    let at: unknown = input;
    for (const name of names) {
      if (Array.isArray(at)) return UNSURE;
      if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
      at = (at as { readonly [member: string]: unknown })[name];
    }
    return typeof at === "object" && at !== null ? UNSURE : at;
  };
}

function isBare(node: Node, members: readonly string[]): boolean {
  return Object.keys(node).every((member) => members.includes(member));
}

function regexesOf(node: unknown): readonly RegExp[] {
  if (node instanceof RegExp) return [node];
  if (typeof node !== "object" || node === null) return [];
  return Object.values(node).flatMap(regexesOf);
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
