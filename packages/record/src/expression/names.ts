import type { Expression } from "./expression.ts";
import { OWN_FUNCTIONS } from "./own-functions.ts";
import { PART } from "./parts.ts";

/** The names that an expression asks for, as far as its text tells. */
export type Names = {
  /** Members of its input, each as the way to it: `data.customer.id` is `["data", "customer", "id"]`. */
  readonly paths: readonly (readonly string[])[];
  /** Variables and functions that neither JSONata nor Sluice nor the expression itself knows, without their dollar. */
  readonly unknown: readonly string[];
  readonly comparisons: readonly LiteralComparison[];
  /** Functions that are called with one member of the input: `$number(data.total)`. */
  readonly calls: readonly { readonly name: string; readonly path: readonly string[] }[];
};

/** A comparison of a member of the input with literals; `always`: unless one is equal, the whole expression is false. */
export type LiteralComparison = {
  readonly path: readonly string[];
  readonly values: readonly unknown[];
  readonly always: boolean;
};

/** A node of the syntax tree, as far as names are looked for. */
type Tree = {
  readonly type?: string;
  readonly value?: unknown;
  readonly steps?: readonly Tree[];
  readonly lhs?: Tree;
  readonly rhs?: Tree;
  readonly expressions?: readonly Tree[];
  readonly procedure?: Tree;
  readonly arguments?: readonly Tree[];
};

/** Functions of JSONata. */
export const NATIVE_FUNCTIONS: readonly string[] = (
  "abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl decodeUrlComponent distinct each " +
  "encodeUrl encodeUrlComponent error eval exists filter floor formatBase formatInteger formatNumber fromMillis join keys length " +
  "lookup lowercase map match max merge millis min not now number pad parseInteger power random reduce replace reverse round " +
  "shuffle sift single sort split spread sqrt string substring substringAfter substringBefore sum toMillis trim type uppercase zip"
).split(" ");

/** Functions that an expression can call, without the dollar. */
export const KNOWN_FUNCTIONS: readonly string[] = [...NATIVE_FUNCTIONS, ...OWN_FUNCTIONS.keys()];

export function namesIn({ compiled }: Pick<Expression, "compiled">): Names {
  const tree = compiled.ast() as unknown as Tree;
  const found: Found = { paths: [], variables: new Set(), bound: new Set(["", "$", PART]), comparisons: [], calls: [] };
  collect(tree, true, found);
  addComparisons(tree, true, found.comparisons);
  const known = new Set([...found.bound, ...KNOWN_FUNCTIONS]);
  const unknown = [...found.variables].filter((name) => !known.has(name));
  return { paths: found.paths, unknown, comparisons: found.comparisons, calls: found.calls };
}

type Found = {
  readonly paths: (readonly string[])[];
  readonly variables: Set<string>;
  readonly bound: Set<string>;
  readonly comparisons: LiteralComparison[];
  readonly calls: { readonly name: string; readonly path: readonly string[] }[];
};

/** @param atRoot names are members of the input itself, not of a part of it */
function collect(node: Tree, atRoot: boolean, found: Found): void {
  switch (node.type) {
    case "variable":
      found.variables.add(String(node.value));
      return;
    case "bind":
      found.bound.add(String(node.lhs?.value));
      break;
    case "lambda":
      for (const { value } of node.arguments ?? []) found.bound.add(String(value));
      break;
    case "function":
      addCall(node, found);
      break;
    case "path":
      collectPath(node, atRoot, found);
      return;
    default:
  }
  for (const [member, part] of Object.entries(node)) {
    const isWithin = member === "predicate" || member === "stages" || member === "group";
    for (const each of partsOf(part)) collect(each, atRoot && !isWithin, found);
  }
}

function collectPath(node: Tree, atRoot: boolean, found: Found): void {
  const { steps = [] } = node;
  const [first] = steps;
  const startsAtRoot = first?.type === "variable" && (first.value === "$" || (first.value === "" && atRoot));
  if (startsAtRoot || (first?.type === "name" && atRoot)) {
    const path = namesOf(startsAtRoot ? steps.slice(1) : steps);
    if (path.length > 0) found.paths.push(path);
  }
  for (const [index, step] of steps.entries()) {
    if (step.type === "name") {
      for (const [member, part] of Object.entries(step)) {
        if (member !== "value") for (const each of partsOf(part)) collect(each, false, found);
      }
    } else collect(step, atRoot && index === 0, found);
  }
  for (const [member, part] of Object.entries(node)) {
    if (member !== "steps") for (const each of partsOf(part)) collect(each, false, found);
  }
}

/** The names with which a path begins. */
function namesOf(steps: readonly Tree[]): readonly string[] {
  const end = steps.findIndex(({ type }) => type !== "name");
  return steps.slice(0, end < 0 ? steps.length : end).map(({ value }) => String(value));
}

function addCall({ procedure, arguments: given = [] }: Tree, found: Found): void {
  const [only, ...others] = given;
  if (procedure?.type !== "variable" || only?.type !== "path" || others.length > 0) return;
  const path = namesOf(only.steps ?? []);
  if (path.length === only.steps?.length) found.calls.push({ name: String(procedure.value), path });
}

function addComparisons(node: Tree, always: boolean, comparisons: LiteralComparison[]): void {
  if (node.type === "binary" && (node.value === "=" || node.value === "in")) {
    const path = node.lhs?.type === "path" ? namesOf(node.lhs.steps ?? []) : [];
    const values = node.value === "in" ? listOf(node.rhs) : literalOf(node.rhs);
    if (path.length > 0 && path.length === node.lhs?.steps?.length && values !== undefined) {
      comparisons.push({ path, values, always });
    }
    return;
  }
  const isTogether = node.type === "binary" && node.value === "and";
  const isAround = node.type === "block" && node.expressions?.length === 1;
  for (const part of Object.values(node).flatMap(partsOf)) {
    addComparisons(part, always && (isTogether || isAround), comparisons);
  }
}

function literalOf(node: Tree | undefined): readonly unknown[] | undefined {
  return node?.type === "string" || node?.type === "number" || node?.type === "value" ? [node.value] : undefined;
}

function listOf(node: Tree | undefined): readonly unknown[] | undefined {
  if (node?.type !== "unary" || node.value !== "[") return undefined;
  const values = (node.expressions ?? []).map(literalOf);
  return values.every((value) => value !== undefined) ? values.flat() : undefined;
}

function partsOf(part: unknown): readonly Tree[] {
  if (Array.isArray(part)) return part.flatMap(partsOf);
  return typeof part === "object" && part !== null && "type" in part ? [part as Tree] : [];
}
