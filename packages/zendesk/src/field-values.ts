import type { Json } from "@sluice/event";
import { compileValueCheck, type LookupReference, type ValueCheck, type ValueRules } from "./field-value.ts";
import { COMPLAINTS, type Complaint } from "./rulings.ts";

/** The part of a field's definition that records are checked against. */
export type FieldDefinition = ValueRules & {
  readonly key: string;
  readonly title: string;
  readonly required: boolean;
};

/** `custom_object_fields` after the check. */
export type CheckedFields = {
  /** The values to be stored; null clears. Lookups are not among them yet. */
  readonly values: ReadonlyMap<string, Json>;
  readonly lookups: readonly { readonly field: FieldDefinition; readonly reference: LookupReference }[];
  /** The complaints for which the record is refused in any case. */
  readonly complaints: readonly Complaint[];
  /** Required fields that were not sent: only a record that exists already can do without. */
  readonly missing: readonly Complaint[];
};

/** The checks of one version of an object's fields. */
export type FieldChecks = (
  sent: Readonly<Record<string, unknown>>,
  options?: { readonly unknown?: "leave out" | "refuse" },
) => CheckedFields;

/** Compiles the fields of an object once, so that a record costs a lookup and a test per value. */
export function compileFieldChecks(definitions: Iterable<FieldDefinition>): FieldChecks {
  const checks = new Map<string, { field: FieldDefinition; check: ValueCheck }>();
  for (const field of definitions) checks.set(field.key, { field, check: compileValueCheck(field) });
  const required = [...checks.values()].map(({ field }) => field).filter((field) => field.required);

  return (sent, { unknown = "leave out" } = {}) => {
    const values = new Map<string, Json>();
    const lookups: { field: FieldDefinition; reference: LookupReference }[] = [];
    const complaints: Complaint[] = [];
    for (const [key, value] of Object.entries(sent)) {
      const known = checks.get(key);
      if (known === undefined) {
        if (unknown === "refuse") complaints.push(COMPLAINTS.fieldUnknown(key));
        continue;
      }
      const { field, check } = known;
      if (value === null || (value === "" && field.required)) {
        if (field.required) complaints.push(COMPLAINTS.valueRequired(field));
        else values.set(key, null);
        continue;
      }
      const checked = check(value);
      if (checked === undefined) complaints.push(COMPLAINTS.valueInvalid(field));
      else if ("lookup" in checked) lookups.push({ field, reference: checked.lookup });
      else values.set(key, checked.stored);
    }
    const missing = required
      .filter(({ key }) => !Object.hasOwn(sent, key))
      .map((field) => COMPLAINTS.valueRequired(field));
    return { values, lookups, complaints, missing };
  };
}
