import { parse, type Chunk, type Expression, type Node, type Statement } from "luaparse";

/** One change of a script. */
export type Mutant = { readonly line: number; readonly from: string; readonly to: string; readonly text: string };

const OTHER_OPERATORS: Readonly<Record<string, readonly string[]>> = {
  "==": ["~="],
  "~=": ["=="],
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  and: ["or"],
  or: ["and"],
};

type Place = Node & { readonly range: readonly [from: number, to: number] };
type Parents = { readonly node: Node; readonly parent: Parents | null };

/** Every change of the script that is tried, in its order: each makes another script that Lua can read. */
export function mutantsOf(text: string): readonly Mutant[] {
  const mutants: Mutant[] = [];
  const chunk = parse(text, { luaVersion: "5.1", ranges: true, comments: false, encodingMode: "x-user-defined" });
  look(chunk, null);
  return mutants.toSorted((a, b) => a.line - b.line);

  function look(node: Node, parent: Parents | null): void {
    change(node, parent);
    for (const value of Object.values(node) as readonly unknown[]) {
      for (const each of Array.isArray(value) ? value : [value]) {
        if (isNode(each)) look(each, { node, parent });
      }
    }
  }

  function change(node: Node, parents: Parents | null): void {
    switch (node.type) {
      case "BinaryExpression":
      case "LogicalExpression": {
        const at = text.indexOf(node.operator, (node.left as Place).range[1]);
        for (const other of OTHER_OPERATORS[node.operator] ?? []) replace(at, at + node.operator.length, other);
        break;
      }
      case "UnaryExpression":
        if (node.operator !== "#") put(node, source(node.argument));
        break;
      case "NumericLiteral":
        for (const other of [node.value + 1, node.value - 1]) put(node, other < 0 ? `(${other})` : String(other));
        break;
      case "IfClause":
      case "ElseifClause":
        for (const to of ["true", "false"]) put(node.condition, to);
        break;
      case "WhileStatement":
        put(node.condition, "false");
        break;
      case "CallStatement":
      case "AssignmentStatement":
      case "BreakStatement":
        put(node, "");
        break;
      case "ReturnStatement":
        if (parents !== null && /Clause$|^(For|While|Repeat|Do)/.test(parents.node.type)) put(node, "");
        break;
      case "StringLiteral":
        if (isReturned(parents)) put(node, "'changed'");
        break;
      default:
    }
  }

  function source(node: Expression): string {
    return text.slice(...(node as Place).range);
  }

  function put(node: Expression | Statement, to: string): void {
    const [from, till] = (node as Place).range;
    if (text.slice(from, till) !== to) replace(from, till, to);
  }

  function replace(from: number, till: number, to: string): void {
    const line = text.slice(0, from).split("\n").length;
    mutants.push({ line, from: text.slice(from, till), to, text: text.slice(0, from) + to + text.slice(till) });
  }
}

/** Whether the literal is, or is part of, what a function answers, and no argument of a call. */
function isReturned(parents: Parents | null): boolean {
  if (parents === null || !/^(ReturnStatement|Logical|Table)/.test(parents.node.type)) return false;
  return parents.node.type === "ReturnStatement" || isReturned(parents.parent);
}

function isNode(value: unknown): value is Exclude<Node, Chunk> {
  return typeof value === "object" && value !== null && "type" in value && "range" in value;
}
