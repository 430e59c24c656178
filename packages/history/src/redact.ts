import type { Json } from "@sluice/event";

/**
 * Takes values out by their paths: names with dots between, `*` for any member; a list is gone through. Each is replaced by another value
 * of its kind, so that every field made of it turns out differently, and is known by that.
 */
export function redact(value: Json, paths: readonly (readonly string[])[]): Json {
  return paths.reduce<Json>((rest, path) => without(rest, path), value);
}

const REDACTED = "[redacted]";

/** `data.customer.email` */
export function readPath(text: string): readonly string[] {
  return text.split(".");
}

function without(value: Json, path: readonly string[]): Json {
  const [name, ...rest] = path;
  if (name === undefined) return replaced(value);
  if (isList(value)) return value.map((each) => without(each, path));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([member, held]) => [
    member,
    name === "*" || name === member ? without(held, rest) : held,
  ]);
  return Object.fromEntries(members) as Json;
}

function replaced(value: Json): Json {
  if (isList(value)) return value.map(replaced);
  if (typeof value === "string") return value === REDACTED ? `${REDACTED} ` : REDACTED;
  if (typeof value === "number") return value === 0 ? 1 : 0;
  if (typeof value === "boolean") return !value;
  if (value === null) return REDACTED;
  return Object.fromEntries(Object.entries(value).map(([member, held]) => [member, replaced(held)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
