/** The name under which a key's expression knows `filledPart`; no expression can write it. */
export const PART = "part of a key";

/** A part of a record's key that the event does not have. */
export class MissingPart extends Error {}

/**
 * The value of a part of a key, or an error that names the part. Without its parts `'erp:' & $string(data.id)` would still be a text, "erp:" or
 * "erp:null", and one record would be made of all the events that lack a part.
 * @throws MissingPart
 */
export function filledPart(value: unknown, name: string): unknown {
  const lack = lackOf(value);
  if (lack === undefined) return value;
  throw new MissingPart(
    `${name} is ${lack}, and a key that lacks a part would be that of every record that lacks it: ` +
      "give the row a `when` that leaves such events out, or the key another part",
  );
}

function lackOf(value: unknown): string | undefined {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (typeof value === "string") return value.trim() === "" ? "empty" : undefined;
  if (typeof value !== "object") return undefined;
  if (Array.isArray(value)) return value.length === 0 ? "empty" : value.map(lackOf).find((lack) => lack !== undefined);
  return Object.keys(value).length === 0 ? "empty" : undefined;
}

/** Functions whose answer is made of their arguments' text. */
const TEXT_OF = new Set<unknown>(
  (
    "string substring substringBefore substringAfter lowercase uppercase trim pad replace split join formatNumber formatBase " +
    "formatInteger base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl words prefixed toText toDate"
  ).split(" "),
);

/** Functions that only ask about their arguments. */
const ASKS = new Set<unknown>(
  "exists not boolean contains match type count length filter keys lookup error assert".split(" "),
);

/** A node of the syntax tree, as far as keys change it. */
type Tree = {
  readonly type: string;
  readonly value?: unknown;
  lhs?: Tree | undefined;
  rhs?: Tree | undefined;
  readonly then?: Tree;
  readonly else?: Tree;
  readonly steps?: readonly Tree[];
  expressions?: readonly Tree[];
  readonly procedure?: Tree;
  arguments?: readonly Tree[];
  readonly body?: Tree;
  readonly predicate?: unknown;
  readonly stages?: unknown;
};

/**
 * Changes the tree of a key's expression so that each part which goes into the text goes through `filledPart`: the sides of `&`, the arguments of
 * functions that make text, and the items of a list that is joined. Conditions, predicates and comparisons are left as they are.
 */
export function requireParts(tree: unknown): void {
  visit(tree as Tree, false);
}

/** @param joined the lists that are written out below are joined to one text, which skips the items that are missing */
function visit(node: Tree | undefined, joined: boolean, applied = false): void {
  if (node === undefined) return;
  switch (node.type) {
    case "binary":
      if (node.value !== "&") return;
      node.lhs = asked(node.lhs);
      node.rhs = asked(node.rhs);
      return;
    case "condition":
      visit(node.then, joined);
      visit(node.else, joined);
      return;
    case "function":
      visitCall(node, joined, applied);
      return;
    case "apply":
      node.lhs = makesText(node.rhs) ? asked(node.lhs, isOf(node.rhs, "join")) : visited(node.lhs, joined);
      visit(node.rhs, joined, true);
      return;
    case "unary":
      if (node.value === "[" && Array.isArray(node.expressions)) {
        const isPicked = node.predicate !== undefined || node.stages !== undefined;
        node.expressions = node.expressions.map((item) =>
          joined && !isPicked ? asked(item) : visited(item, joined && !isPicked)!,
        );
      }
      return;
    case "path":
      // A predicate chooses among the items, so that some may be missing.
      for (const step of node.steps ?? []) visit(step, joined && node.steps?.length === 1);
      return;
    case "block":
      for (const each of node.expressions ?? []) visit(each, joined);
      return;
    case "bind":
      visit(node.rhs, joined);
      return;
    case "lambda":
      visit(node.body, joined);
      return;
    default:
  }
}

function visitCall(node: Tree, joined: boolean, applied: boolean): void {
  const { procedure, arguments: given = [] } = node;
  visit(procedure, joined);
  if (procedure?.type === "variable" && ASKS.has(procedure.value)) return;
  const isJoin = isOf(node, "join") || isOf(node, "reduce") || isOf(node, "words");
  if (!makesText(node)) {
    node.arguments = given.map((each) =>
      each.type === "variable" && TEXT_OF.has(each.value) ? ofOne(each) : visited(each, joined || isJoin)!,
    );
    return;
  }
  // Without an argument the function takes the value around it.
  const all = given.length === 0 && !applied ? [{ type: "variable", value: "" }] : given;
  node.arguments = all.map((each) => asked(each, isJoin));
}

/** A function that is handed on, such as `$string`, as a lambda whose argument goes through `filledPart`. */
function ofOne(name: Tree): Tree {
  const each = { type: "variable", value: "each" };
  const body = { type: "function", value: "(", procedure: name, arguments: [asked(each)] };
  return { type: "lambda", arguments: [each], body };
}

function makesText(node: Tree | undefined): boolean {
  const named = node?.type === "function" ? node.procedure : node;
  return named?.type === "variable" && TEXT_OF.has(named.value);
}

function isOf(node: Tree | undefined, name: string): boolean {
  const named = node?.type === "function" ? node.procedure : node;
  return named?.type === "variable" && named.value === name;
}

function visited(node: Tree | undefined, joined: boolean): Tree | undefined {
  visit(node, joined);
  return node;
}

const LITERALS = new Set(["string", "number", "value", "regex", "lambda"]);

function asked(node: Tree, joined?: boolean): Tree;
function asked(node: Tree | undefined, joined?: boolean): Tree | undefined;
function asked(node: Tree | undefined, joined = false): Tree | undefined {
  if (node === undefined || LITERALS.has(node.type)) return visited(node, joined);
  const name = nameOf(node);
  visit(node, joined);
  return {
    type: "function",
    value: "(",
    procedure: { type: "variable", value: PART },
    arguments: [node, { type: "string", value: name }],
  };
}

/** The part's name for people. */
function nameOf({ type, value, steps = [], procedure }: Tree): string {
  const names = steps.map((step) => (step.type === "name" ? String(step.value) : "…"));
  if (type === "path") return `\`${names.join(".")}\``;
  if (type === "variable") return value === "" ? "a part" : `\`$${String(value)}\``;
  if (type === "function" && procedure?.type === "variable") return `\`$${String(procedure.value)}(…)\``;
  return "a part";
}
