import { isExact, type Json } from "@sluice/event";
import type { FieldType } from "./custom-object-field.ts";
import { RULINGS } from "./rulings.ts";

/** The part of a field's definition that decides which values it takes. */
export type ValueRules = {
  readonly type: FieldType;
  /** The pattern of a regexp field. */
  readonly pattern?: string | null;
  /** The values of the options of a dropdown or multiselect field. */
  readonly optionValues?: readonly string[];
};

/** The reference in a lookup value: an `id` is stored, the others are resolved to one at the write. */
export type LookupReference = { readonly by: "id" | "external_id" | "name"; readonly value: string };

/** A value as it is kept, a lookup that is still to be resolved, or undefined for a value that does not fit. */
export type CheckedValue = { readonly stored: Json } | { readonly lookup: LookupReference } | undefined;

/** Checks a value that is not null. */
export type ValueCheck = (value: unknown) => CheckedValue;

/** The check of one field, compiled once: options become a set, the pattern a regular expression (§7.1). */
export function compileValueCheck(rules: ValueRules): ValueCheck {
  switch (rules.type) {
    case "text":
    case "textarea":
      return storedIf(textOf);
    case "regexp":
      return patternCheck(rules.pattern);
    case "integer":
      return storedIf(integerOf);
    case "decimal":
      return storedIf(decimalOf);
    case "checkbox":
      return storedIf(booleanOf);
    case "date":
      return storedIf(dayOf);
    case "dropdown": {
      const allowed = new Set(rules.optionValues);
      return storedIf((value) => (typeof value === "string" && allowed.has(value) ? value : undefined));
    }
    case "multiselect": {
      const allowed = new Set(rules.optionValues);
      return storedIf((value) => choicesOf(value, allowed));
    }
    case "lookup":
      return lookupOf;
    default:
      return rules.type satisfies never;
  }
}

/** A value as it is read back from the way it is kept (§7.1). */
export function readBackValue(type: FieldType, stored: Json): Json {
  return type === "date" && typeof stored === "string" ? stored + RULINGS.dateReadBackSuffix : stored;
}

/** Compiles a pattern; undefined if it can't be read. The vendor's patterns are Ruby's, whose text anchors JavaScript spells otherwise. */
export function compilePattern(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern.replaceAll("\\A", "^").replaceAll(/\\[zZ]/g, "$"), "u");
  } catch {
    return undefined;
  }
}

function storedIf(read: (value: unknown) => Json | undefined): ValueCheck {
  return (value) => {
    const stored = read(value);
    return stored === undefined ? undefined : { stored };
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function patternCheck(pattern: string | null | undefined): ValueCheck {
  const expression = compilePattern(pattern ?? "");
  return storedIf((value) => {
    const text = textOf(value);
    return text !== undefined && expression?.test(text) === true ? text : undefined;
  });
}

/** An integer that a JSON number holds exactly; a longer one is refused rather than rounded. */
function integerOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^[+-]?\d{1,20}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? withoutMinusZero(number) : undefined;
}

/** A decimal. As with integers, one that a double would round is refused. */
function decimalOf(value: unknown): number | undefined {
  const isText = typeof value === "string" && /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(value);
  if (isText && !isExact(value)) return undefined;
  const number = isText ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? withoutMinusZero(number) : undefined;
}

function withoutMinusZero(number: number): number {
  return number === 0 ? 0 : number;
}

function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (value === "true") return true;
  return value === "false" ? false : undefined;
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** The day as it is written, whatever the time and the offset behind it say. */
function dayOf(value: unknown): string | undefined {
  const parts = typeof value === "string" ? DAY.exec(value) : null;
  if (parts === null) return undefined;
  const [, year = "", month = "", day = ""] = parts;
  const date = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const exists = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return exists ? `${year}-${month}-${day}` : undefined;
}

function choicesOf(value: unknown, allowed: ReadonlySet<string>): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const choices = new Set<string>();
  for (const choice of value as unknown[]) {
    if (typeof choice !== "string" || !allowed.has(choice)) return undefined;
    choices.add(choice);
  }
  return [...choices];
}

function lookupOf(value: unknown): CheckedValue {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string" || text === "") return undefined;
  for (const by of ["external_id", "name"] as const) {
    const prefix = `${by}:`;
    if (text.startsWith(prefix)) return { lookup: { by, value: text.slice(prefix.length) } };
  }
  return { lookup: { by: "id", value: text } };
}
