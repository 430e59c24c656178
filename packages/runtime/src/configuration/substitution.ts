import { readFileSync, statSync } from "node:fs";
import { LIMITS } from "../limits.ts";
import type { Path } from "./path-text.ts";

export type Substitution = {
  readonly value: unknown;
  readonly faults: readonly { readonly path: Path; readonly message: string; readonly allowed?: string }[];
};

/**
 * `${NAME}` or `${file:/path}`. A JSONata expression can hold `${` too, as the start of a grouping, but
 * then a colon or a quote follows the name, so neither is mistaken for the other.
 */
const REFERENCE = /\$\{(?:file:([^}]+)|([A-Za-z_][A-Za-z0-9_]*))\}/g;

/** The files that a text refers to, each once. */
export function filesNamedIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(REFERENCE)].flatMap(([, file]) => file ?? []))];
}

/** Replaces the references in every string of a value. A reference that leads nowhere, or to nothing, is a fault. */
export function substitute(value: unknown, env: Readonly<Record<string, string | undefined>>): Substitution {
  const faults: { path: Path; message: string; allowed?: string }[] = [];

  function inText(text: string, path: Path): string {
    return text.replaceAll(REFERENCE, (reference, file: string | undefined, name: string | undefined) => {
      const found = file === undefined ? env[name ?? ""] : contentOf(file);
      if (found !== undefined && found !== "") return found;
      const what = file === undefined ? `the environment variable ${name}` : `the file ${file}`;
      const state = found === "" ? "is empty" : file === undefined ? "is not set" : "can't be read";
      faults.push({ path, message: `${what} ${state}` });
      return reference;
    });
  }

  function inside(node: unknown, path: Path): unknown {
    if (typeof node === "string") return inText(node, path);
    if (Array.isArray(node)) return node.map((item, index) => inside(item, [...path, index]));
    if (typeof node === "object" && node !== null) {
      return Object.fromEntries(Object.entries(node).map(([key, member]) => [key, inside(member, [...path, key])]));
    }
    return node;
  }

  return { value: inside(value, []), faults };
}

/** The file's content without the line end that editors leave. */
function contentOf(file: string): string | undefined {
  try {
    if (statSync(file).size > LIMITS.secretFileBytes) return undefined;
    return readFileSync(file, "utf8").trimEnd();
  } catch {
    return undefined;
  }
}
