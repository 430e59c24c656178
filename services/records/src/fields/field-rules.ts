import { isDeepStrictEqual } from "node:util";
import {
  COMPLAINTS,
  Refusal,
  compilePattern,
  type Complaint,
  type FieldType,
  type FieldUpdate,
  type NameProperties,
} from "@sluice/zendesk";
import type { AccountLimits } from "../account/account.ts";
import type { LockedObject } from "../objects/defining.ts";
import type { FieldRow } from "./field-row.ts";

/** The rules that the schemas can't hold: how the members of a field go together (§7). */
export function checkField(type: FieldType, sent: FieldUpdate, creating: boolean): void {
  const complaints: Complaint[] = [];
  const pattern = sent.regexp_for_validation;
  if (type === "regexp" && (creating || pattern !== undefined)) {
    if (pattern === undefined || pattern === null || pattern === "") {
      complaints.push(COMPLAINTS.attribute("regexp_for_validation", "cannot be blank", "BlankValue"));
    } else if (compilePattern(pattern) === undefined) {
      complaints.push(COMPLAINTS.attribute("regexp_for_validation", "is invalid"));
    }
  }
  if (type === "lookup" && creating && (sent.relationship_target_type ?? "") === "") {
    complaints.push(COMPLAINTS.attribute("relationship_target_type", "cannot be blank", "BlankValue"));
  }
  const values = (sent.custom_field_options ?? []).map(({ value }) => value);
  if (new Set(values).size < values.length) {
    complaints.push(COMPLAINTS.attribute("custom_field_options", "is invalid", "DuplicateValue"));
  }
  if (complaints.length > 0) throw Refusal.invalid(complaints);
}

/** Key, type and target may be sent again as they are, but not change. */
export function checkUnchanged(row: FieldRow, sent: FieldUpdate): void {
  const fixed = ["key", "type", "relationship_target_type"] as const;
  const changed = fixed.filter((member) => {
    const value = sent[member];
    return value !== undefined && value !== null && value !== row[member];
  });
  // The two standard fields have few members that can be edited.
  if (row.system && sent.active === false) throw Refusal.invalid([COMPLAINTS.attribute("active", "cannot be changed")]);
  if (changed.length > 0)
    throw Refusal.invalid(changed.map((member) => COMPLAINTS.attribute(member, "cannot be changed")));
}

/** The name field's properties as they will be. */
export type NameRules = {
  readonly isUnique: boolean;
  readonly enabled: boolean;
  readonly prefix: string;
  readonly padding: number;
  readonly nextSequence: number;
};

/** @throws Refusal 422 when they contradict one another, or change while there are records */
export function nextNameRules(object: LockedObject, sent: NameProperties): NameRules {
  const current: NameRules = {
    isUnique: object.name_is_unique,
    enabled: object.autoincrement_enabled,
    prefix: object.autoincrement_prefix,
    padding: object.autoincrement_padding,
    nextSequence: Number(object.autoincrement_next_sequence),
  };
  const next: NameRules = {
    isUnique: sent.is_unique ?? current.isUnique,
    enabled: sent.autoincrement_enabled ?? current.enabled,
    prefix: sent.autoincrement_prefix ?? current.prefix,
    padding: sent.autoincrement_padding ?? current.padding,
    nextSequence: sent.autoincrement_next_sequence ?? current.nextSequence,
  };
  const problem = problemOf(current, next, object.has_records);
  if (problem !== undefined) throw Refusal.invalid([COMPLAINTS.attribute("properties", problem)]);
  return next;
}

function problemOf(current: NameRules, next: NameRules, hasRecords: boolean): string | undefined {
  if (next.isUnique && next.enabled) return "is_unique and autoincrement_enabled exclude each other";
  if (next.nextSequence < current.nextSequence) return "autoincrement_next_sequence is below the current value";
  return hasRecords && !isDeepStrictEqual(current, next) ? "cannot be changed once the object has records" : undefined;
}

/** @throws Refusal 422 when the object has as many fields as it may */
export function checkFieldCount(
  { fieldsPerObject, lookupFieldsPerObject }: AccountLimits,
  { fields, lookups }: { fields: number; lookups: number },
  type: FieldType,
): void {
  const full = fields >= fieldsPerObject || (type === "lookup" && lookups >= lookupFieldsPerObject);
  if (full) {
    throw Refusal.invalid([
      { key: "base", description: "Fields: the limit of the object has been reached", error: "InvalidValue" },
    ]);
  }
}
