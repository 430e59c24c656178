import type { Json } from "./event.ts";

/** What event templates are filled from. */
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

/** The placeholders of a template that are none: empty when the template is good. */
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

/** The value at a dotted path of own members. */
export function valueAt(value: Json, path: readonly string[]): Json | undefined {
  let at: Json | undefined = value;
  for (const member of path) {
    if (at === null || typeof at !== "object" || !Object.hasOwn(at, member)) return undefined;
    at = (at as { readonly [member: string]: Json })[member];
  }
  return at;
}

function isEmpty(text: string): boolean {
  return text === "";
}

function fill(template: string, facts: TemplateFacts, isNone: (text: string) => boolean): string | undefined {
  let isComplete = true;
  const text = template.replaceAll(PLACEHOLDER, (_, name: string) => {
    const adds = !name.startsWith("?");
    const value = lookUp(adds ? name : name.slice(1), facts);
    const isScalar =
      (typeof value === "string" && !isNone(value)) || typeof value === "number" || typeof value === "boolean";
    if (!isScalar) isComplete = false;
    return isScalar && adds ? String(value) : "";
  });
  return isComplete ? text : undefined;
}

function lookUp(name: string, facts: TemplateFacts): Json | undefined {
  if (name.startsWith("header:")) return facts.header(name.slice("header:".length));
  if (name === "each") return facts.each;
  if (name === "index") return facts.index;
  if (name.startsWith("query:")) return facts.query(name.slice("query:".length));
  const [root, ...path] = name.split(".");
  return valueAt(root === "event" ? facts.event : facts.body, path);
}
