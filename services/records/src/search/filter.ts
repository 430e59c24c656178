import { ANSWERS, isObject, Refusal, compileValueCheck, type FieldType, type Json } from "@sluice/zendesk";
import type { ObjectDefinition } from "../objects/definition.ts";
import { LIMITS } from "../limits.ts";

/** A filter (§8.7) of records. Its values are read already, in the form that the fields keep. */
export type Filter =
  | { readonly kind: "all" | "any"; readonly of: readonly Filter[] }
  | { readonly kind: "attribute"; readonly attribute: Attribute; readonly operator: Operator; readonly value: Json }
  | {
      readonly kind: "field";
      readonly key: string;
      readonly type: FieldType;
      readonly operator: Operator;
      readonly value: Json;
    };

export type Operator = (typeof OPERATORS)[number];
export type Attribute = keyof typeof ATTRIBUTES;

export const OPERATORS = [
  "$eq",
  "$noteq",
  "$gt",
  "$gte",
  "$lt",
  "$lte",
  "$in",
  "$notin",
  "$contains",
  "$notcontains",
  "$exists",
] as const;

const TIMES: readonly Operator[] = ["$gt", "$gte", "$lt", "$lte"];
const TEXTS: readonly Operator[] = ["$eq", "$noteq", "$contains", "$notcontains", "$exists"];
const DATES: readonly Operator[] = ["$eq", "$noteq", "$gt", "$gte", "$lt", "$lte", "$exists"];
const NUMBERS: readonly Operator[] = [...DATES, "$in", "$notin"];

/** The table of §8.7. */
const ATTRIBUTES = {
  created_at: TIMES,
  updated_at: TIMES,
  created_by_user: ["$eq"],
  updated_by_user: ["$eq"],
  external_id: ["$eq"],
  name: ["$contains"],
} as const satisfies Readonly<Record<string, readonly Operator[]>>;

const OF_TYPE: Readonly<Record<FieldType, readonly Operator[]>> = {
  checkbox: ["$eq"],
  date: DATES,
  decimal: NUMBERS,
  integer: NUMBERS,
  dropdown: TEXTS,
  text: TEXTS,
  textarea: TEXTS,
  regexp: TEXTS,
  multiselect: [...TEXTS, "$in", "$notin"],
  lookup: ["$eq", "$noteq", "$exists"],
};

const FIELD_PREFIX = "custom_object_fields.";

/**
 * Reads a filter: a comparison, or `$and` and `$or` of filters; members that stand side by side must all hold.
 * @throws Refusal 400
 */
export function readFilter(sent: unknown, { shownFields }: Pick<ObjectDefinition, "shownFields">): Filter {
  const types = new Map(shownFields.map(({ key, type }) => [key, type]));
  let comparisons = 0;
  return read(sent);

  function read(part: unknown): Filter {
    const of = membersOf(part, "a filter is an object").map(([key, value]): Filter => {
      if (key === "$and" || key === "$or") {
        if (!Array.isArray(value) || value.length === 0) throw refused(`${key} is a list of filters`);
        return { kind: key === "$and" ? "all" : "any", of: value.map(read) };
      }
      const operators = membersOf(value, `${key} is compared by an operator`);
      return { kind: "all", of: operators.map(([operator, to]) => comparison(key, operator, to)) };
    });
    return { kind: "all", of };
  }

  /** An empty object compares nothing and counts as a comparison, since it costs as much. */
  function membersOf(part: unknown, problem: string): [string, unknown][] {
    if (!isObject(part)) throw refused(problem);
    const members = Object.entries(part);
    if (members.length === 0) count();
    return members;
  }

  function count(): void {
    comparisons += 1;
    if (comparisons > LIMITS.filterComparisons) throw refused(`more than ${LIMITS.filterComparisons} comparisons`);
  }

  function comparison(name: string, operator: string, to: unknown): Filter {
    count();
    if (!isOperator(operator)) throw refused(`${operator} is not an operator`);
    if (Object.hasOwn(ATTRIBUTES, name)) {
      const attribute = name as Attribute;
      check(name, operator, ATTRIBUTES[attribute]);
      return { kind: "attribute", attribute, operator, value: attributeValue(attribute, to) };
    }
    const key = name.startsWith(FIELD_PREFIX) ? name.slice(FIELD_PREFIX.length) : "";
    const type = types.get(key);
    if (type === undefined) throw refused(`${name} is not an attribute of this object's records`);
    check(name, operator, OF_TYPE[type]);
    return { kind: "field", key, type, operator, value: fieldValue(name, type, operator, to) };
  }
}

function check(name: string, operator: Operator, allowed: readonly Operator[]): void {
  if (!allowed.includes(operator)) throw refused(`${operator} does not go with ${name}`);
}

function attributeValue(attribute: Attribute, to: unknown): Json {
  const text = typeof to === "number" ? String(to) : to;
  if (typeof text !== "string") throw refused(`${attribute} is compared with a text`);
  if (attribute !== "created_at" && attribute !== "updated_at") return text;
  const [known, clock, , , zone] =
    /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.exec(text) ?? [];
  // A time without a zone is UTC, as all times of the API are, and not this machine's.
  const time =
    known === undefined ? Number.NaN : Date.parse(clock === undefined || zone !== undefined ? text : `${text}Z`);
  if (Number.isNaN(time)) throw refused(`${attribute} is compared with an ISO 8601 time`);
  return new Date(time).toISOString();
}

/** The value is read as the field itself reads a value, so that a search finds what was written. */
function fieldValue(name: string, type: FieldType, operator: Operator, to: unknown): Json {
  if (operator === "$exists") {
    if (to === true || to === "true") return true;
    if (to === false || to === "false") return false;
    throw refused(`$exists of ${name} is true or false`);
  }
  if (operator === "$in" || operator === "$notin") {
    if (!Array.isArray(to) || to.length > LIMITS.filterChoices) throw refused(`${operator} of ${name} is a list`);
    return to.map((each) => singleValue(name, type, each));
  }
  if (Array.isArray(to) && type === "multiselect") return to.map((each) => singleValue(name, type, each));
  return singleValue(name, type, to);
}

function singleValue(name: string, type: FieldType, to: unknown): Json {
  const read = compileValueCheck({ type: asText(type) })(to);
  if (read === undefined) throw refused(`${name} can't be compared with this value`);
  return "stored" in read ? read.stored : read.lookup.value;
}

/** A text that is looked for need not be an option, or fit a pattern. */
function asText(type: FieldType): FieldType {
  return OF_TYPE[type].includes("$contains") ? "text" : type;
}

function isOperator(text: string): text is Operator {
  return (OPERATORS as readonly string[]).includes(text);
}

function refused(problem: string): Refusal {
  return new Refusal(ANSWERS.invalidFilter(problem));
}
