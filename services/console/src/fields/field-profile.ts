import { LIMITS } from "../limits.ts";

/** The kind of a value. Null is none: a field that is empty today may be of any kind tomorrow. */
export type FieldKind = "text" | "number" | "true or false" | "object" | "list";

/** Bodies of one type of events: by path (`data.lines[].sku`), in how many a field stands, and in how many of them with each kind. */
export type FieldProfile = {
  readonly bodies: number;
  readonly fields: ReadonlyMap<string, SeenField>;
  /** Whether these are all fields. A profile that is full may lack any. */
  readonly isWhole: boolean;
};
export type SeenField = { readonly bodies: number; readonly kinds: ReadonlyMap<FieldKind, number> };

/** Adds bodies up to a profile. */
export function createProfile(): { add(body: unknown): void; readonly profile: FieldProfile } {
  const fields = new Map<string, { bodies: number; readonly kinds: Map<FieldKind, number> }>();
  let bodies = 0;
  let isWhole = true;
  return {
    add(body) {
      bodies += 1;
      const found = fieldsOf(body);
      if (found.size >= LIMITS.profileFields) isWhole = false;
      for (const [path, kinds] of found) {
        if (!fields.has(path) && fields.size >= LIMITS.profileFields) {
          isWhole = false;
          continue;
        }
        const seen = fields.get(path) ?? { bodies: 0, kinds: new Map() };
        fields.set(path, seen);
        seen.bodies += 1;
        for (const kind of kinds) seen.kinds.set(kind, (seen.kinds.get(kind) ?? 0) + 1);
      }
    },
    get profile() {
      return { bodies, fields, isWhole };
    },
  };
}

/** The fields of one body, each once, with the kinds of its values. */
function fieldsOf(body: unknown): ReadonlyMap<string, ReadonlySet<FieldKind>> {
  const found = new Map<string, Set<FieldKind>>();
  const visit = (value: unknown, path: string, depth: number): void => {
    if (path !== "") {
      const kinds = found.get(path) ?? new Set();
      found.set(path, kinds);
      const kind = kindOf(value);
      if (kind !== null) kinds.add(kind);
    }
    if (depth >= LIMITS.profileDepth || found.size >= LIMITS.profileFields) return;
    if (Array.isArray(value)) for (const each of value) visit(each, `${path}[]`, depth + 1);
    else if (typeof value === "object" && value !== null) {
      for (const [name, each] of Object.entries(value)) visit(each, path === "" ? name : `${path}.${name}`, depth + 1);
    }
  };
  visit(body, "", 0);
  return found;
}

function kindOf(value: unknown): FieldKind | null {
  if (value === null) return null;
  if (Array.isArray(value)) return "list";
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  return typeof value === "boolean" ? "true or false" : "object";
}
