import { readBackValue, type CustomObjectRecord, type Json } from "@sluice/zendesk";
import type { ObjectDefinition } from "../objects/definition.ts";
import { wireTime } from "../wire-time.ts";

/** A record as statements return it. */
export type RecordRow = {
  readonly id: string;
  readonly name: string;
  readonly external_id: string | null;
  readonly fields: Readonly<Record<string, Json>>;
  readonly created_by: string;
  readonly updated_by: string;
  readonly created_at: Date;
  readonly updated_at: Date;
};

/** The columns of a RecordRow, of the table or alias `from`. */
export function recordColumns(from: string): string {
  return ["id", "name", "external_id", "fields", "created_by", "updated_by", "created_at", "updated_at"]
    .map((column) => `${from}.${column}`)
    .join(", ");
}

/** A record as it leaves: every active field is there, null where it is unset (§7.1, §8). */
export function recordOf(row: RecordRow, definition: ObjectDefinition, base: string): CustomObjectRecord {
  const fields = definition.shownFields.map(({ key, type }) => {
    const kept = Object.hasOwn(row.fields, key) ? row.fields[key] : undefined;
    return [key, readBackValue(type, kept ?? null)] as const;
  });
  return {
    url: `${base}/custom_objects/${definition.key}/records/${row.id}.json`,
    id: row.id,
    name: row.name,
    custom_object_key: definition.key,
    custom_object_fields: Object.fromEntries(fields),
    created_by_user_id: row.created_by,
    updated_by_user_id: row.updated_by,
    created_at: wireTime(row.created_at),
    updated_at: wireTime(row.updated_at),
    external_id: row.external_id,
    photo: null,
  };
}
