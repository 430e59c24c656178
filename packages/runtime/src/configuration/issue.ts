import type { z } from "zod";
import type { Path } from "./path-text.ts";

/** A complaint of zod, in words for people who never heard of zod. */
export type ConfigurationIssue = {
  readonly path: Path;
  readonly message: string;
  readonly allowed?: string | undefined;
};

type Explained = { readonly message: string; readonly allowed?: string };

/** Checks a value; all that is wrong with it comes back at once. */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): { readonly value: z.output<Schema> } | { readonly findings: readonly ConfigurationIssue[] } {
  // zod hands over the schema that an issue arose in only while it makes the message, so what is
  // allowed there travels inside the message.
  const result = schema.safeParse(value, { error: (issue) => JSON.stringify(explain(issue)) });
  if (result.success) return { value: result.data };
  return { findings: result.error.issues.flatMap(findingsOf) };
}

function explain(issue: z.core.$ZodRawIssue): Explained {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? { message: "is missing", allowed: wordOf(issue.expected) }
        : { message: `must be ${wordOf(issue.expected)}` };
    case "unrecognized_keys":
      return { message: "unknown key", allowed: keysOf(issue.inst) };
    case "invalid_value":
      return { message: "is not one of the values that it can have", allowed: issue.values.map(String).join(", ") };
    case "invalid_union":
      return issue.input === undefined
        ? { message: "is missing" }
        : { message: "must be a text, a number, true or false" };
    case "too_small":
      return {
        message: issue.origin === "number" ? `must be at least ${issue.minimum}` : "must not be empty",
      };
    case "too_big":
      return { message: `must be at most ${issue.maximum}` };
    default:
      return { message: "is not valid" };
  }
}

function findingsOf(issue: z.core.$ZodIssue): readonly ConfigurationIssue[] {
  const path = issue.path.filter((step) => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], ...read(issue.message) }));
  }
  if (issue.code === "invalid_key") {
    const inner = issue.issues[0]?.message;
    return [{ path, message: `this name ${inner === undefined ? "is not valid" : read(inner).message}` }];
  }
  // In a choice between forms, the form that has the right keys tells best what is wrong within it.
  const nearest = issue.code === "invalid_union" ? nearestForm(issue.errors) : undefined;
  if (nearest !== undefined) {
    return nearest.flatMap(findingsOf).map((finding) => ({ ...finding, path: [...path, ...finding.path] }));
  }
  return [{ path, ...read(issue.message) }];
}

/** The only form, if there is one, whose complaints all lie inside its own members. Only lists have numbered members. */
function nearestForm(forms: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  const near = forms.filter(
    (issues) =>
      issues.length > 0 &&
      issues.every(
        ({ path, message }) =>
          path.length > 0 && (typeof path[0] === "number" || read(message).message !== "is missing"),
      ),
  );
  return near.length === 1 ? near[0] : undefined;
}

function read(message: string): Explained {
  try {
    return JSON.parse(message) as Explained;
  } catch {
    // The message was written in the schema itself.
    return { message };
  }
}

function keysOf(schema: z.core.$ZodRawIssue["inst"]): string {
  const definition: object | undefined = schema?._zod.def;
  return definition !== undefined && "shape" in definition ? Object.keys(definition.shape as object).join(", ") : "";
}

function wordOf(type: string): string {
  switch (type) {
    case "object":
    case "record":
      return "a mapping (key: value)";
    case "array":
      return "a list";
    case "string":
      return "a text";
    case "int":
      return "a whole number";
    case "boolean":
      return "true or false";
    default:
      return `a ${type}`;
  }
}
