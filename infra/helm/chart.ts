import { createHash } from "node:crypto";
import { parse, parseAllDocuments, stringify } from "yaml";

/*
 * Renders the chart's templates without Helm, for tests: the part of Go's template language and of Helm's functions that the templates here
 * use, and nothing else. What it does not know is an error, never left out.
 */

type Scope = { readonly dot: unknown; readonly root: unknown; readonly variables: ReadonlyMap<string, unknown> };
type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly expression: string }
  | {
      readonly kind: "if";
      readonly expression: string;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | {
      readonly kind: "range";
      readonly names: readonly [string, string];
      readonly expression: string;
      readonly body: readonly Node[];
    };

/** The text that a template makes of these values. @throws Error for what this does not know */
export function renderTemplate(template: string, root: object): string {
  const tokens = tokensOf(template);
  const nodes = nodesOf(tokens, []);
  return textOf(nodes, { dot: root, root, variables: new Map([["$", root]]) });
}

/** The documents that a template makes, as Kubernetes would read them. */
export function renderDocuments(template: string, root: object): readonly Manifest[] {
  return parseAllDocuments(renderTemplate(template, root)).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    const value = document.toJS() as Manifest | null;
    return value === null ? [] : [value];
  });
}

export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [part: string]: unknown;
};

type Token = { readonly text: string } | { readonly action: string };

/** A dash inside the braces takes the white space beside them away. */
function tokensOf(template: string): Token[] {
  const tokens: Token[] = [];
  let rest = template;
  let trims = false;
  for (;;) {
    const open = rest.indexOf("{{");
    if (open < 0) {
      tokens.push({ text: trims ? rest.trimStart() : rest });
      return tokens;
    }
    const close = rest.indexOf("}}", open);
    if (close < 0) throw new Error("an action is not closed");
    let text = rest.slice(0, open);
    if (trims) text = text.trimStart();
    let action = rest.slice(open + 2, close);
    if (action.startsWith("- ")) {
      text = text.trimEnd();
      action = action.slice(2);
    }
    trims = action.endsWith(" -");
    if (trims) action = action.slice(0, -2);
    tokens.push({ text }, { action: action.trim() });
    rest = rest.slice(close + 2);
  }
}

function nodesOf(tokens: Token[], ends: readonly string[]): Node[] {
  const nodes: Node[] = [];
  for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
    if ("text" in token) {
      nodes.push({ kind: "text", text: token.text });
      continue;
    }
    const { action } = token;
    const [word = ""] = action.split(" ");
    if (ends.includes(action)) {
      tokens.unshift(token);
      return nodes;
    }
    if (word === "if") {
      const body = nodesOf(tokens, ["else", "end"]);
      const otherwise = actionOf(tokens.shift()) === "else" ? nodesOf(tokens, ["end"]) : null;
      if (otherwise !== null) tokens.shift();
      nodes.push({ kind: "if", expression: action.slice("if ".length), body, otherwise: otherwise ?? [] });
    } else if (word === "range") {
      const parts = /^range (\$\w+), (\$\w+) := (.+)$/.exec(action);
      if (parts === null) throw new Error(`this range is not known here: ${action}`);
      const body = nodesOf(tokens, ["end"]);
      tokens.shift();
      nodes.push({ kind: "range", names: [parts[1]!, parts[2]!], expression: parts[3]!, body });
    } else if (["else", "end", "with", "define", "template", "block", "include"].includes(word)) {
      throw new Error(`"${action}" is not known here, or stands where it can't`);
    } else {
      nodes.push({ kind: "value", expression: action });
    }
  }
  if (ends.length > 0) throw new Error("an if or a range has no end");
  return nodes;
}

function actionOf(token: Token | undefined): string {
  return token !== undefined && "action" in token ? token.action : "";
}

function textOf(nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => textOfNode(node, scope)).join("");
}

function textOfNode(node: Node, scope: Scope): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "value":
      return printed(evaluate(node.expression, scope));
    case "if":
      return textOf(isTrue(evaluate(node.expression, scope)) ? node.body : node.otherwise, scope);
    case "range": {
      const each = evaluate(node.expression, scope);
      if (typeof each !== "object" || each === null || Array.isArray(each))
        throw new Error(`no map: ${node.expression}`);
      // Go goes through a map in the order of its keys.
      const rows = Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1));
      return rows
        .map(([name, value]) => {
          const variables = new Map([...scope.variables, [node.names[0], name], [node.names[1], value]]);
          return textOf(node.body, { ...scope, dot: value, variables });
        })
        .join("");
    }
  }
}

/** Empty is false in Go's templates: "", 0, an empty map or list. */
function isTrue(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === "" || value === 0) return false;
  return typeof value === "object" ? Object.keys(value).length > 0 : true;
}

function printed(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "object" && value !== null) throw new Error("a map or a list would be printed as Go prints it");
  throw new Error("a value that there is not would be printed");
}

function evaluate(expression: string, scope: Scope): unknown {
  const [first = "", ...pipes] = splitOn(expression, "|");
  return pipes.reduce((value, pipe) => call(wordsOf(pipe), scope, [value]), call(wordsOf(first), scope, []));
}

/** Calls the function of the first word, or yields the value that a single word is. A pipe's value comes last. */
function call(words: readonly string[], scope: Scope, piped: readonly unknown[]): unknown {
  const [name = "", ...rest] = words;
  const make = FUNCTIONS[name];
  if (make === undefined) {
    if (rest.length > 0 || piped.length > 0) throw new Error(`the function ${name} is not known here`);
    return valueOf(name, scope);
  }
  return make(...([...rest.map((word) => valueOf(word, scope)), ...piped] as never[]));
}

const FUNCTIONS: Readonly<Record<string, (...given: never[]) => unknown>> = {
  not: (value: unknown) => !isTrue(value),
  and: (...values: unknown[]) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  eq: (a: unknown, b: unknown) => a === b,
  default: (fallback: unknown, value: unknown) => (isTrue(value) ? value : fallback),
  quote: (value: unknown) => JSON.stringify(String(value)),
  required: (message: string, value: unknown) => {
    if (!isTrue(value)) throw new Error(message);
    return value;
  },
  max: (...values: number[]) => Math.max(...values),
  upper: (value: string) => value.toUpperCase(),
  toJson: (value: unknown) => JSON.stringify(value),
  toYaml: (value: object) => stringify(value, { lineWidth: 0 }).trimEnd(),
  nindent: (width: number, text: string) => `\n${text.replaceAll(/^/gm, " ".repeat(width))}`,
  sha256sum: (text: string) => createHash("sha256").update(text).digest("hex"),
};

function valueOf(word: string, scope: Scope): unknown {
  if (word.startsWith("(")) return evaluate(word.slice(1, -1), scope);
  if (word.startsWith('"')) return JSON.parse(word);
  if (/^\d+$/.test(word)) return Number(word);
  const path = /^(\$\w*)?((?:\.\w+)*)$/.exec(word);
  if (path === null || word === "") throw new Error(`this is not known here: ${word}`);
  const [, variable, members = ""] = path;
  const begin = variable === undefined ? scope.dot : scope.variables.get(variable);
  if (variable !== undefined && !scope.variables.has(variable)) throw new Error(`there is no ${variable}`);
  return members
    .split(".")
    .filter((member) => member !== "")
    .reduce((value: unknown, member) => {
      if (typeof value !== "object" || value === null || !(member in value)) throw new Error(`there is no ${word}`);
      return (value as Record<string, unknown>)[member];
    }, begin);
}

/** Words of an expression; what stands in brackets or quotes is one. */
function wordsOf(expression: string): readonly string[] {
  return splitOn(expression, " ");
}

function splitOn(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let part = "";
  let depth = 0;
  let isQuoted = false;
  for (const letter of text) {
    if (letter === '"') isQuoted = !isQuoted;
    if (!isQuoted && letter === "(") depth += 1;
    if (!isQuoted && letter === ")") depth -= 1;
    if (letter === separator && depth === 0 && !isQuoted) {
      parts.push(part);
      part = "";
    } else part += letter;
  }
  if (depth !== 0 || isQuoted) throw new Error(`a bracket or a quote is not closed: ${text}`);
  return [...parts, part].map((each) => each.trim()).filter((each) => each !== "");
}

/** The chart's own values with others over them, as `--values` lays them. */
export function withValues(defaults: string, over: object): object {
  return merged(parse(defaults) as object, over) as object;
}

function merged(under: unknown, over: unknown): unknown {
  if (!isMap(under) || !isMap(over)) return over;
  const names = new Set([...Object.keys(under), ...Object.keys(over)]);
  return Object.fromEntries(
    [...names].map((name) => [name, name in over ? merged(under[name], over[name]) : under[name]]),
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
