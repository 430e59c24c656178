import type { Json } from "../event.ts";
import { parseJson } from "./json.ts";

/**
 * The texts at a path in a JSON body, where `a[].b` means every element of `a`; a body that is an array
 * is taken element by element. No texts at all when an element lacks its own.
 */
export function jsonValues(body: Uint8Array, path: string): string[] {
  let document: Json;
  try {
    document = parseJson(body);
  } catch {
    return [];
  }
  const values = jsonParts(Array.isArray(document) ? (document as Json[]) : [document], path) ?? [];
  return values.every((value) => typeof value === "string") ? (values as string[]) : [];
}

/** The values at a path in each of these values, where `a[].b` means every element of `a`; undefined when one lacks its own. */
export function jsonParts(from: readonly Json[], path: string): readonly Json[] | undefined {
  let values = from;
  for (const step of path.split(".")) {
    const isList = step.endsWith("[]");
    const member = isList ? step.slice(0, -2) : step;
    const found: Json[] = [];
    for (const value of values) {
      if (value === null || typeof value !== "object" || !Object.hasOwn(value, member)) return undefined;
      const next = (value as { readonly [member: string]: Json })[member] as Json;
      if (!isList) found.push(next);
      else if (!Array.isArray(next)) return undefined;
      // Pushed one by one: spread, a stranger's list of half a million would be as many arguments.
      else for (const each of next as Json[]) found.push(each);
    }
    values = found;
  }
  return values;
}

/** The value with another text at each place of such a path, in order. The arrays on the way have to be there. */
export function withEach(value: Json, path: string, next: () => string): Json {
  const [step = "", ...rest] = path.split(".");
  const member = step.replace(/\[\]$/, "");
  const object = value as { readonly [member: string]: Json };
  const inner = object[member] ?? null;
  const changed = (each: Json): Json => (rest.length === 0 ? next() : withEach(each, rest.join("."), next));
  return { ...object, [member]: member === step ? changed(inner) : (inner as readonly Json[]).map(changed) };
}
