import type { FieldType, Json } from "@sluice/zendesk";
import type { Bind, Narrowing } from "../records/record-list.ts";
import type { ObjectDefinition } from "../objects/definition.ts";
import { conditionOf } from "./filter-condition.ts";
import type { Filter } from "./filter.ts";
import { EVERY_NUMBER, numberOfDay, intersection, wordsInRange, type NumberRange } from "./range-words.ts";

/**
 * The ranges of a filter as the index of ranges answers them, in SQL about the alias `record`: it holds for every record that the filter keeps.
 * Undefined where no part of the filter is a range.
 */
export function rangeConditionOf(
  filter: Filter,
  { id }: Pick<ObjectDefinition, "id">,
  bind: Bind,
): Narrowing | undefined {
  const ranges = rangesIn(filter);
  const words = ranges === undefined ? undefined : wordsOf(ranges, id);
  if (ranges === undefined || words === undefined) return undefined;
  const indexed = `record.id = any(array(select records.in_range(${bind(words)}::tsquery)))`;
  return { indexed, exact: conditionOf(ranges, bind) };
}

/** The part of a filter that consists of ranges alone. */
function rangesIn(filter: Filter): Filter | undefined {
  if (filter.kind === "all") {
    const of = filter.of.map(rangesIn).filter((each) => each !== undefined);
    return of.length === 0 ? undefined : { kind: "all", of };
  }
  if (filter.kind === "any") {
    const of = filter.of.map(rangesIn);
    return of.every((each) => each !== undefined) ? { kind: "any", of } : undefined;
  }
  return rangeOf(filter) === undefined ? undefined : filter;
}

function wordsOf(filter: Filter, object: number): string | undefined {
  switch (filter.kind) {
    case "all": {
      const parts = partsOf(filter);
      const ranges = new Map<string, NumberRange>();
      // The two ends of a range come as two comparisons; each alone could be half of all records.
      for (const part of parts) {
        const range = rangeOf(part);
        if (range !== undefined) ranges.set(range.key, intersection(ranges.get(range.key) ?? EVERY_NUMBER, range));
      }
      const words = [
        ...Array.from(ranges, ([key, range]) => wordsInRange(object, key, range)),
        ...parts.filter(({ kind }) => kind === "any").map((part) => wordsOf(part, object)),
      ].filter((each) => each !== undefined);
      return words.length === 0 ? undefined : words.map((each) => `(${each})`).join(" & ");
    }
    case "any": {
      const words = filter.of.map((each) => wordsOf(each, object));
      return words.includes(undefined) ? undefined : words.map((each) => `(${each})`).join(" | ");
    }
    case "field":
    case "attribute":
      return wordsOf({ kind: "all", of: [filter] }, object);
    default:
      return filter satisfies never;
  }
}

/** The filters that must all hold, however often they are put into brackets. */
function partsOf(filter: Filter): Filter[] {
  return filter.kind === "all" ? filter.of.flatMap(partsOf) : [filter];
}

function rangeOf(part: Filter): (NumberRange & { readonly key: string }) | undefined {
  if (part.kind !== "field") return undefined;
  const value = numberIn(part.type, part.value);
  if (value === undefined) return undefined;
  if (part.operator === "$gt" || part.operator === "$gte") return { ...EVERY_NUMBER, key: part.key, low: value };
  return part.operator === "$lt" || part.operator === "$lte"
    ? { ...EVERY_NUMBER, key: part.key, high: value }
    : undefined;
}

function numberIn(type: FieldType, value: Json): number | undefined {
  if (type === "date") return typeof value === "string" ? numberOfDay(value) : undefined;
  return typeof value === "number" ? value : undefined;
}
