import type { Json } from "./event.ts";
import { parseJson } from "./json.ts";

/**
 * The texts at a path in a JSON body, where `a[].b` means every element of `a`; a body that is an array
 * is taken element by element. No texts at all when an element lacks its own.
 */
export function jsonValues(body: Uint8Array, path: string): string[] {
  let values: Json[];
  try {
    const document = parseJson(body);
    values = Array.isArray(document) ? (document as Json[]) : [document];
  } catch {
    return [];
  }
  for (const step of path.split(".")) {
    const isList = step.endsWith("[]");
    const member = isList ? step.slice(0, -2) : step;
    const found: Json[] = [];
    for (const value of values) {
      if (value === null || typeof value !== "object" || !Object.hasOwn(value, member)) return [];
      const next = (value as { readonly [member: string]: Json })[member] as Json;
      if (!isList) found.push(next);
      else if (!Array.isArray(next)) return [];
      // Pushed one by one: spread, a stranger's list of half a million would be as many arguments.
      else for (const each of next as Json[]) found.push(each);
    }
    values = found;
  }
  return values.every((value) => typeof value === "string") ? values : [];
}
