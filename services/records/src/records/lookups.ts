import type { Json } from "@sluice/zendesk";
import type { Database } from "@sluice/runtime";
import { COMPLAINTS, Refusal, type CheckedFields } from "@sluice/zendesk";
import type { ObjectDefinition } from "../objects/definition.ts";
import type { RecordChange } from "./record-change.ts";

const OBJECT_TARGET = "zen:custom_object:";

/** Each row of $1 is {place, object, kind, value}; yields the id of the live record that it points to. */
const RESOLVE = `
select wanted.place, record.id
from jsonb_to_recordset($1::jsonb) as wanted(place integer, object text, kind text, value text)
join records.object on object.key = wanted.object and object.deleted_at is null
join records.record on record.object_id = object.id and record.deleted_at is null and (
  (wanted.kind = 'id' and record.id = wanted.value)
  or (wanted.kind = 'external_id' and record.external_id = wanted.value)
  or (wanted.kind = 'name' and record.unique_name = wanted.value))`;

/**
 * The change's values with its lookups resolved to ids, all in one statement.
 *
 * Users, organizations and the vendor's other kinds don't live here: their ids are taken as they are, and
 * no other key of theirs can be resolved.
 * @throws Refusal 422 under the key of each field whose target is missing (row 32)
 */
export async function resolveLookups(
  database: Database,
  definition: ObjectDefinition,
  change: RecordChange,
): Promise<ReadonlyMap<string, Json>> {
  if (change.lookups.length === 0) return change.values;
  const targets = new Map(definition.shownFields.map(({ key, target }) => [key, target]));
  const values = new Map(change.values);
  const wanted: { place: number; object: string; kind: string; value: string }[] = [];
  for (const [place, { field, reference }] of change.lookups.entries()) {
    const target = targets.get(field.key) ?? "";
    if (target.startsWith(OBJECT_TARGET)) {
      wanted.push({ place, object: target.slice(OBJECT_TARGET.length), kind: reference.by, value: reference.value });
    } else if (reference.by === "id") {
      values.set(field.key, reference.value);
    }
  }
  const found = wanted.length === 0 ? [] : await find(database, wanted);
  for (const { place, id } of found) {
    const lookup = change.lookups[place];
    if (lookup !== undefined) values.set(lookup.field.key, id);
  }
  const missing: CheckedFields["lookups"] = change.lookups.filter(({ field }) => !values.has(field.key));
  if (missing.length > 0) throw Refusal.invalid(missing.map(({ field }) => COMPLAINTS.valueInvalid(field)));
  return values;
}

function find(database: Database, wanted: readonly object[]): Promise<{ place: number; id: string }[]> {
  return database.query(RESOLVE, [JSON.stringify(wanted)]);
}
