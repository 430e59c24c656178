import type { Json } from "../event.ts";

/** The facts that event templates are filled from. */
export type TemplateFacts = {
  /** The event's part of the body. */
  readonly event: Json;
  readonly body: Json;
  /** One value of the event's own array, where the scheme makes an event of each. */
  readonly each?: string | number;
  /** The event's place in its request, from 0. */
  readonly index: number;
  /** The only value of a parameter of the URL. */
  readonly query: (name: string) => string | undefined;
  /** The only value of a header; undefined when it is missing or repeated. */
  readonly header: (name: string) => string | undefined;
};

/** With a question mark before its name, `{?event.PATH}`, a placeholder must have a value and adds nothing to the text. */
export const TEMPLATE_PLACEHOLDERS =
  "{event}, {event.PATH}, {body.PATH}, {each}, {index}, {query:NAME} or {header:NAME}, or {?…}, which only has to be there";

const PLACEHOLDER = /\{([^{}]*)\}/g;
const KNOWN = /^\??(?:each|index|query:[^{}]+|(?:event|body)(?:\.[^.{}]+)*|header:[a-z0-9-]+)$/;

/** The unknown placeholders of a template: empty when the template is good. */
export function unknownPlaceholders(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)]
    .filter(([, name]) => !KNOWN.test(name ?? ""))
    .map(([placeholder]) => placeholder);
}

/**
 * Fills the first template whose placeholders all have a value: text, a number or a boolean. A text that `isNone` knows
 * counts as missing.
 */
export function fillFirst(
  templates: readonly string[],
  facts: TemplateFacts,
  isNone: (text: string) => boolean = isEmpty,
): string | undefined {
  for (const template of templates) {
    const text = fill(template, facts, isNone);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** The value of the first template that is one placeholder with a value of any kind. */
export function valueOfFirst(templates: readonly string[], facts: TemplateFacts): Json | undefined {
  for (const template of templates) {
    const value = lookUp(template.slice(1, -1), facts);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The value at a dotted path of own members. The step `list[member=each]` is the item of the list whose member is the value of `each`. */
export function valueAt(value: Json, path: readonly string[], each?: string | number): Json | undefined {
  let at: Json | undefined = value;
  for (const step of path) {
    const [, list = step, key] = ITEM.exec(step) ?? [];
    if (at === null || typeof at !== "object" || !Object.hasOwn(at, list)) return undefined;
    at = (at as { readonly [member: string]: Json })[list];
    if (key !== undefined) at = itemOf(at, key, each);
  }
  return at;
}

const ITEM = /^(.+)\[([^\]=]+)=each\]$/;

function itemOf(list: Json | undefined, key: string, each: string | number | undefined): Json | undefined {
  if (!Array.isArray(list) || each === undefined) return undefined;
  return (list as readonly Json[]).find((item) => {
    const value = valueAt(item, [key]);
    return (typeof value === "string" || typeof value === "number") && String(value) === String(each);
  });
}

function isEmpty(text: string): boolean {
  return text === "";
}

function fill(template: string, facts: TemplateFacts, isNone: (text: string) => boolean): string | undefined {
  let text = "";
  for (const { before, name, adds, path } of partsOf(template)) {
    text += before;
    if (name === null) continue;
    const value =
      path === null
        ? lookUp(name, facts)
        : valueAt(path.root === "event" ? facts.event : facts.body, path.steps, facts.each);
    const isScalar =
      (typeof value === "string" && !isNone(value)) || typeof value === "number" || typeof value === "boolean";
    if (!isScalar) return undefined;
    if (adds) text += String(value);
  }
  return text;
}

/** The text before a placeholder, and the placeholder; the last part has none. */
type Part = {
  readonly before: string;
  readonly name: string | null;
  readonly adds: boolean;
  /** The path that the placeholder reads, if that is in the body. */
  readonly path: { readonly root: string; readonly steps: readonly string[] } | null;
};

/** The parts of templates, kept because each is filled for every event and the schemes have few. */
const PARTS = new Map<string, readonly Part[]>();
const KEPT_TEMPLATES = 1_000;

function partsOf(template: string): readonly Part[] {
  const known = PARTS.get(template);
  if (known !== undefined) return known;
  const parts: Part[] = [];
  let from = 0;
  for (const hole of template.matchAll(PLACEHOLDER)) {
    const adds = !hole[1]!.startsWith("?");
    const name = adds ? hole[1]! : hole[1]!.slice(1);
    const [root = "", ...steps] = name.split(".");
    const path = root === "event" || root === "body" ? { root, steps } : null;
    parts.push({ before: template.slice(from, hole.index), name, adds, path });
    from = hole.index + hole[0].length;
  }
  parts.push({ before: template.slice(from), name: null, adds: false, path: null });
  if (PARTS.size < KEPT_TEMPLATES) PARTS.set(template, parts);
  return parts;
}

function lookUp(name: string, facts: TemplateFacts): Json | undefined {
  if (name.startsWith("header:")) return facts.header(name.slice("header:".length));
  if (name === "each") return facts.each;
  if (name === "index") return facts.index;
  if (name.startsWith("query:")) return facts.query(name.slice("query:".length));
  const [root, ...path] = name.split(".");
  return valueAt(root === "event" ? facts.event : facts.body, path, facts.each);
}
