import type { DeadLetterJson, DeadLetterEditJson } from "../../../src/contract/dead-letter.ts";

/** A member while it is edited. `before` null: it was added. */
export type Draft = {
  readonly name: string;
  readonly before: string | null;
  readonly text: string;
  readonly isUnset: boolean;
};

/** The members that can be edited, as text; for an event its leaves, by their paths. */
export function membersOf({ editable, change, event }: Pick<DeadLetterJson, "editable" | "change" | "event">): Draft[] {
  const members =
    editable === "fields"
      ? Object.entries({ ...change?.fields, ...change?.aside })
      : editable === "event"
        ? leavesOf(event, "")
        : [];
  return members.map(([name, value]) => ({ name, before: textOf(value), text: textOf(value), isUnset: false }));
}

/** The edit that the drafts make; null: nothing was changed. */
export function editFromDrafts(drafts: readonly Draft[]): DeadLetterEditJson | null {
  const set: Record<string, unknown> = {};
  const unset: string[] = [];
  for (const { name, before, text, isUnset } of drafts) {
    if (isUnset) {
      if (before !== null) unset.push(name);
    } else if (text !== before) set[name] = valueOf(text);
  }
  return Object.keys(set).length + unset.length === 0 ? null : { set, unset };
}

function leavesOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, path === "" ? key : `${path}.${key}`));
}

/** A value as it is typed in: text without quotes, unless it would be read as another value. */
export function textOf(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? "";
  return valueOf(value) === value ? value : JSON.stringify(value);
}

/** The value of a typed text: JSON where it is JSON, the text itself otherwise. Numbers that would lose digits stay text. */
export function valueOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "number" && !Number.isSafeInteger(value) && Number.isInteger(value) ? text.trim() : value;
  } catch {
    return text;
  }
}
