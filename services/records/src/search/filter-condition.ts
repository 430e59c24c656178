import type { Json } from "@sluice/zendesk";
import type { Bind } from "../records/record-list.ts";
import type { Attribute, Filter, Operator } from "./filter.ts";

/** A filter as SQL about the alias `record`: keys and values are bound, all other text is this file's own. */
export function conditionOf(filter: Filter, bind: Bind): string {
  switch (filter.kind) {
    case "all":
      return joined(filter.of, " and ", "true", bind);
    case "any":
      return joined(filter.of, " or ", "false", bind);
    case "attribute":
      return attributeCondition(filter.attribute, filter.operator, filter.value, bind);
    case "field":
      return fieldCondition(filter, bind);
    default:
      return filter satisfies never;
  }
}

/** The pattern, for `ilike`, of a text that may stand anywhere in another. */
export function pattern(text: string, { from = "%", to = "%" } = {}): string {
  return from + text.replaceAll(/[\\%_]/g, (character) => `\\${character}`) + to;
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function joined(of: readonly Filter[], word: string, none: string, bind: Bind): string {
  return of.length === 0 ? none : `(${of.map((each) => conditionOf(each, bind)).join(word)})`;
}

const COLUMNS: Readonly<Record<Attribute, string>> = {
  created_at: "record.created_at",
  updated_at: "record.updated_at",
  created_by_user: "record.created_by",
  updated_by_user: "record.updated_by",
  external_id: "record.external_id",
  name: "record.name",
};

const COMPARISONS: Partial<Record<Operator, string>> = { $gt: ">", $gte: ">=", $lt: "<", $lte: "<=", $eq: "=" };

function attributeCondition(attribute: Attribute, operator: Operator, value: Json, bind: Bind): string {
  const column = COLUMNS[attribute];
  if (operator === "$contains") return `${column} ilike ${bind(pattern(textOf(value)))}::text`;
  const type = attribute === "created_at" || attribute === "updated_at" ? "timestamptz" : "text";
  return `${column} ${COMPARISONS[operator] ?? "="} ${bind(value)}::${type}`;
}

/** The negations hold for records where the field is unset, too. */
function fieldCondition({ key, type, operator, value }: Filter & { kind: "field" }, bind: Bind): string {
  const not = (condition: string) => `not coalesce(${condition}, false)`;
  const text = () => `(record.fields ->> ${bind(key)}::text)`;
  switch (operator) {
    case "$eq":
      return equals(key, type === "multiselect", value, bind);
    case "$noteq":
      return not(equals(key, type === "multiselect", value, bind));
    case "$in":
      return anyOf(key, type === "multiselect", value, bind);
    case "$notin":
      return not(anyOf(key, type === "multiselect", value, bind));
    case "$contains":
    case "$notcontains": {
      const condition =
        type === "multiselect"
          ? equals(key, true, value, bind)
          : `${text()} ilike ${bind(pattern(textOf(value)))}::text`;
      return operator === "$contains" ? condition : not(condition);
    }
    case "$gt":
    case "$gte":
    case "$lt":
    case "$lte": {
      const sql = COMPARISONS[operator] ?? "=";
      // Days are compared as texts.
      return type === "date"
        ? `${text()} collate "C" ${sql} ${bind(value)}::text`
        : `${text()}::numeric ${sql} ${bind(value)}::numeric`;
    }
    case "$exists":
      return value === true ? `${text()} is not null` : `${text()} is null`;
    default:
      return operator satisfies never;
  }
}

/** Equality as containment, which an index answers; a multiselect equals the choices that it has among others. */
function equals(key: string, several: boolean, value: Json, bind: Bind): string {
  const wanted = several && !Array.isArray(value) ? [value] : value;
  return `record.fields @> ${bind(JSON.stringify({ [key]: wanted }))}::jsonb`;
}

function anyOf(key: string, several: boolean, values: Json, bind: Bind): string {
  const conditions = (Array.isArray(values) ? values : [values]).map((value) => equals(key, several, value, bind));
  return conditions.length === 0 ? "false" : `(${conditions.join(" or ")})`;
}
