/** An OpenAPI document, as far as two of them are compared. Either document may have been written by hand, so nothing is taken for granted. */
export type Described = {
  /** Operations by method and path; the names between braces say nothing, and are left out. */
  readonly operations: ReadonlyMap<string, DescribedOperation>;
};

export type DescribedOperation = {
  /** The types that a parameter takes, by place and name, such as `query page[size]`. Parameters of the path are known by the path. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly statuses: ReadonlySet<string>;
  /** Types by the way that leads to a member, such as `custom_object_records[].name`: of the sent body, and of the answer that went well. */
  readonly sent: ReadonlyMap<string, string>;
  readonly answered: ReadonlyMap<string, string>;
};

type Node = Readonly<Record<string, unknown>>;

const METHODS = ["get", "post", "put", "patch", "delete"];

export function describe(document: unknown): Described {
  const root = nodeOf(document);
  const operations = new Map<string, DescribedOperation>();
  for (const [path, item] of Object.entries(nodeOf(root["paths"]))) {
    const shared = nodeOf(item);
    for (const method of METHODS) {
      if (shared[method] === undefined) continue;
      const operation = nodeOf(shared[method]);
      const plain = path.replace(/\.json$/, "").replaceAll(/\{[^}]+\}/g, "{}");
      operations.set(`${method.toUpperCase()} ${plain}`, describeOperation(root, shared, operation));
    }
  }
  return { operations };
}

function describeOperation(root: Node, shared: Node, operation: Node): DescribedOperation {
  const parameters = new Map<string, string>();
  for (const each of [...listOf(shared["parameters"]), ...listOf(operation["parameters"])]) {
    const { in: place, name, schema } = resolve(root, each);
    if (place === "query" || place === "header") parameters.set(`${place} ${String(name)}`, typeOf(root, schema));
  }
  const responses = nodeOf(operation["responses"]);
  const success = Object.keys(responses).find((status) => status.startsWith("2"));
  return {
    parameters,
    statuses: new Set(Object.keys(responses)),
    sent: membersOf(root, schemaOf(root, operation["requestBody"])),
    answered: membersOf(root, success === undefined ? undefined : schemaOf(root, responses[success])),
  };
}

function schemaOf(root: Node, body: unknown): unknown {
  const content = nodeOf(resolve(root, body)["content"]);
  return nodeOf(content["application/json"])["schema"];
}

/** Every member, with the types that it may have. A schema that holds itself is followed once. */
function membersOf(root: Node, schema: unknown): Map<string, string> {
  const members = new Map<string, string>();
  const walk = (from: unknown, place: string, within: readonly unknown[]) => {
    const node = resolve(root, from);
    if (within.includes(node) || within.length > 12) return;
    const inner = [...within, node];
    for (const part of choicesOf(node)) walk(part, place, inner);
    if (node["items"] !== undefined) walk(node["items"], `${place}[]`, inner);
    for (const [name, member] of Object.entries(nodeOf(node["properties"]))) {
      const at = place === "" ? name : `${place}.${name}`;
      members.set(at, joined(members.get(at), typeOf(root, member)));
      walk(member, at, inner);
    }
  };
  walk(schema, "", []);
  return members;
}

/** The types as `integer|null`, in one order; nothing where a schema does not say. */
function typeOf(root: Node, schema: unknown, depth = 0): string {
  const node = resolve(root, schema);
  const own = [node["type"]].flat().filter((type): type is string => typeof type === "string");
  const implied = own.length > 0 ? own : node["properties"] === undefined ? [] : ["object"];
  const ofValues =
    own.length > 0 ? [] : listOf(node["enum"] ?? ("const" in node ? [node["const"]] : [])).map(typeOfValue);
  const inner = depth > 8 ? [] : choicesOf(node).map((part) => typeOf(root, part, depth + 1));
  return [...implied, ...ofValues, ...(node["nullable"] === true ? ["null"] : []), ...inner].reduce(joined, "");
}

function joined(a: string | undefined, b: string): string {
  return [...new Set([...(a ?? "").split("|"), ...b.split("|")])]
    .filter((type) => type !== "")
    .toSorted()
    .join("|");
}

function typeOfValue(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

function choicesOf(node: Node): readonly unknown[] {
  return ["allOf", "anyOf", "oneOf"].flatMap((kind) => listOf(node[kind]));
}

/** The target of a reference, in the same document. */
function resolve(root: Node, value: unknown): Node {
  let node = nodeOf(value);
  for (let step = 0; typeof node["$ref"] === "string" && step < 20; step += 1) {
    const steps = node["$ref"].replace(/^#\//, "").split("/");
    node = nodeOf(steps.reduce<unknown>((at, name) => nodeOf(at)[unescaped(name)], root));
  }
  return node;
}

function unescaped(name: string): string {
  return name.replaceAll("~1", "/").replaceAll("~0", "~");
}

function nodeOf(value: unknown): Node {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Node) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
