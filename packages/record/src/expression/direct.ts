import { MAX_DIRECT_DEPTH } from "../limits.ts";
import { LinearRegex } from "./linear-regex.ts";
import { OWN_FUNCTIONS, type OwnFunction } from "./own-functions.ts";
import { filledPart, PART } from "./parts.ts";
import { isTrue } from "./truth.ts";

/** A node of JSONata's syntax tree, as far as this file reads it. */
export type SyntaxNode = {
  readonly type: string;
  readonly value?: unknown;
  readonly steps?: readonly SyntaxNode[];
  readonly lhs?: SyntaxNode;
  readonly rhs?: SyntaxNode;
  readonly condition?: SyntaxNode;
  readonly then?: SyntaxNode;
  readonly else?: SyntaxNode;
  readonly expressions?: readonly SyntaxNode[];
  readonly procedure?: SyntaxNode;
  readonly arguments?: readonly SyntaxNode[];
  readonly [other: string]: unknown;
};

/** An expression as a plain function of its input: a hundredth of JSONata's own time. */
export type Direct = (input: unknown) => unknown;

class Unsure extends Error {}

/** Thrown where JSONata must be asked: the value could mean more to it, a list above all, or is an error that it words. */
export const UNSURE = new Unsure("ask JSONata");

/**
 * The function of an expression that is made of paths, literals, `&`, comparisons, `in`, `and`, `or`, conditionals and
 * the functions below; undefined: the expression has other parts. The function answers as JSONata does or throws `UNSURE`, which
 * a property test holds. Inputs are JSON as bodies are read: no NaN, no Infinity, nothing nested without end.
 */
export function directOf(node: SyntaxNode, depth = 0): Direct | undefined {
  // JSONata bounds its depth as it evaluates; far below that bound the answers can't differ.
  if (depth > MAX_DIRECT_DEPTH) return undefined;
  const part = (of: SyntaxNode | undefined): Direct | undefined =>
    of === undefined ? undefined : directOf(of, depth + 1);
  switch (node.type) {
    case "path":
      return pathOf(node);
    case "string":
    case "number":
    case "value":
      return literalOf(node);
    case "binary":
      if (!isBare(node, ["value", "lhs", "rhs"])) return undefined;
      if (node.value === "in") return memberOf(part(node.lhs), node.rhs);
      return binaryOf(node.value, part(node.lhs), part(node.rhs));
    case "condition":
      return conditionOf(node, part);
    case "block":
      return isBare(node, ["expressions"]) && node.expressions?.length === 1 ? part(node.expressions[0]) : undefined;
    case "function":
      return callOf(node, part);
    default:
      return undefined;
  }
}

type Part = (of: SyntaxNode | undefined) => Direct | undefined;

/** Whether the node has these members alone: others, such as a filter or an order, change its meaning. */
function isBare(node: SyntaxNode, members: readonly string[]): boolean {
  const known = ["type", "position", ...members];
  return Object.entries(node).every(([member, value]) => value === undefined || known.includes(member));
}

const LITERALS: ReadonlySet<string> = new Set(["string", "number", "value"]);

function literalOf(node: SyntaxNode): Direct | undefined {
  const { value } = node;
  if (!isBare(node, ["value"]) || (typeof value === "string" && !value.isWellFormed())) return undefined;
  return () => value;
}

type Members = { readonly [member: string]: unknown };

function pathOf(node: SyntaxNode): Direct | undefined {
  const names = (node.steps ?? []).map((step) =>
    step.type === "name" && isBare(step, ["value"]) ? step.value : undefined,
  );
  if (!isBare(node, ["steps"]) || names.length === 0) return undefined;
  if (!names.every((name): name is string => typeof name === "string")) return undefined;
  return (input) => {
    let at = input;
    for (const name of names) {
      if (typeof at !== "object" || at === null) return undefined;
      if (Array.isArray(at) || isMarked(at)) throw UNSURE;
      if (!Object.hasOwn(at, name)) return undefined;
      at = (at as Members)[name];
    }
    if (typeof at === "object" && at !== null && isMarked(at)) throw UNSURE;
    return at;
  };
}

/** JSONata knows functions by a member, which a sender's object may have as well. */
function isMarked(at: object): boolean {
  return (at as Members)["_jsonata_function"] === true || (at as Members)["_jsonata_lambda"] === true;
}

function binaryOf(operator: unknown, left: Direct | undefined, right: Direct | undefined): Direct | undefined {
  if (left === undefined || right === undefined) return undefined;
  switch (operator) {
    case "&":
      return (input) => joined(left(input)) + joined(right(input));
    case "=":
      return (input) => equal(left(input), right(input)) === true;
    // Both `=` and `!=` are false for a missing value.
    case "!=":
      return (input) => equal(left(input), right(input)) === false;
    case "<":
      return ordered(left, right, (a, b) => a < b);
    case "<=":
      return ordered(left, right, (a, b) => a <= b);
    case ">":
      return ordered(left, right, (a, b) => a > b);
    case ">=":
      return ordered(left, right, (a, b) => a >= b);
    case "and":
      return (input) => truth(left(input)) && truth(right(input));
    case "or":
      return (input) => truth(left(input)) || truth(right(input));
    default:
      return undefined;
  }
}

/** The function of `in` with a list that is written out. */
function memberOf(left: Direct | undefined, list: SyntaxNode | undefined): Direct | undefined {
  if (list?.type !== "unary" || list.value !== "[" || !isBare(list, ["value", "expressions"])) return undefined;
  const members = list.expressions ?? [];
  if (left === undefined || !members.every((member) => LITERALS.has(member.type) && literalOf(member)))
    return undefined;
  const values = members.map(({ value }) => value);
  return (input) => values.includes(left(input));
}

function conditionOf(node: SyntaxNode, part: Part): Direct | undefined {
  const [condition, then, otherwise] = [part(node.condition), part(node.then), part(node.else)];
  if (!isBare(node, ["condition", "then", "else"]) || condition === undefined || then === undefined) return undefined;
  if (node.else === undefined) return (input) => (truth(condition(input)) ? then(input) : undefined);
  return otherwise && ((input) => (truth(condition(input)) ? then(input) : otherwise(input)));
}

/** Functions of one argument. Without it they take the value around them, which is left to JSONata. */
const FUNCTIONS = new Map<unknown, (value: unknown) => unknown>([
  ["string", (value) => (value === undefined ? undefined : textOf(value))],
  ["number", numberOf],
  ["not", (value) => (value === undefined ? undefined : !truth(value))],
  ["exists", (value) => value !== undefined],
]);

function callOf(node: SyntaxNode, part: Part): Direct | undefined {
  const { procedure, arguments: given } = node;
  if (!isBare(node, ["value", "procedure", "arguments"]) || given === undefined) return undefined;
  if (procedure?.type !== "variable" || !isBare(procedure, ["value"])) return undefined;
  if (procedure.value === "contains" && given.length === 2) return containsOf(part(given[0]), given[1]!);
  if (procedure.value === PART) return partOf(part(given[0]), String(given[1]?.value));
  const own = OWN_FUNCTIONS.get(String(procedure.value));
  if (own !== undefined) return ownOf(own, given.map(part));
  if (given.length !== 1) return undefined;
  const [call, argument] = [FUNCTIONS.get(procedure.value), part(given[0])];
  return call && argument && ((input) => call(argument(input)));
}

function partOf(asked: Direct | undefined, name: string): Direct | undefined {
  return asked && ((input) => filledPart(one(asked(input)), name));
}

function ownOf(call: OwnFunction, given: readonly (Direct | undefined)[]): Direct | undefined {
  const all = given.flatMap((each) => each ?? []);
  if (all.length < given.length) return undefined;
  return (input) => call(...all.map((each) => one(each(input))));
}

/** The value if it is no list and no object: JSONata unwraps a list, and may call an object. */
function one(value: unknown): unknown {
  if (typeof value === "object" && value !== null) throw UNSURE;
  return value;
}

/** The function of `$contains` with a text or a pattern that is written out. */
function containsOf(left: Direct | undefined, sought: SyntaxNode): Direct | undefined {
  const { type, value } = sought;
  if (left === undefined || !isBare(sought, ["value"])) return undefined;
  const pattern = type === "regex" ? new LinearRegex(value as RegExp) : null;
  if (pattern === null && (type !== "string" || typeof value !== "string")) return undefined;
  return (input) => {
    const text = left(input);
    if (text === undefined) return undefined;
    if (typeof text !== "string") throw UNSURE;
    return pattern === null ? text.includes(value as string) : pattern.test(text);
  };
}

/** Whether two values are equal; undefined where one of them is missing. */
function equal(a: unknown, b: unknown): boolean | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return true;
  if (typeof a === "object" && typeof b === "object" && a !== null && b !== null) throw UNSURE;
  return false;
}

function ordered(
  left: Direct,
  right: Direct,
  compare: <T extends string | number>(a: T, b: T) => boolean,
): (input: unknown) => boolean | undefined {
  return (input) => {
    const [a, b] = [left(input), right(input)];
    if (typeof a === "string" && typeof b === "string") return compare(a, b);
    if (typeof a === "number" && typeof b === "number") return compare(a, b);
    if (isComparable(a) && isComparable(b) && (a === undefined || b === undefined)) return undefined;
    throw UNSURE;
  };
}

function isComparable(value: unknown): boolean {
  return value === undefined || typeof value === "string" || typeof value === "number";
}

function truth(value: unknown): boolean {
  if (Array.isArray(value)) throw UNSURE;
  return isTrue(value);
}

function joined(value: unknown): string {
  return value === undefined ? "" : textOf(value);
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  // JSONata prints 15 digits of a fraction: 0.1 + 0.2 is 0.3.
  if (typeof value === "number") return String(Number.isInteger(value) ? value : Number(value.toPrecision(15)));
  if (value === null || typeof value === "boolean") return String(value);
  throw UNSURE;
}

const DECIMAL = /^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$/;

function numberOf(value: unknown): unknown {
  if (value === undefined || typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  const number = typeof value === "string" && DECIMAL.test(value) ? Number(value) : Infinity;
  if (Number.isFinite(number)) return number;
  throw UNSURE;
}
