import { NAME_FIELD_KEY, type CustomObjectField, type FieldType } from "@sluice/zendesk";
import { wireTime } from "../wire-time.ts";

export type Option = { readonly id: number; readonly name: string; readonly value: string };

/** A field as statements return it, with the properties of its object's names. */
export type FieldRow = {
  readonly id: string;
  readonly key: string;
  readonly type: FieldType;
  readonly title: string;
  readonly description: string;
  readonly position: number;
  readonly active: boolean;
  readonly system: boolean;
  readonly required: boolean;
  readonly regexp_for_validation: string | null;
  readonly tag: string | null;
  readonly options: readonly Option[];
  readonly relationship_target_type: string | null;
  readonly relationship_filter: Record<string, unknown> | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly name_properties: Record<string, unknown>;
};

/** Fields of live objects; add a `where` and an `order by`. */
export const SELECT_FIELDS = `
select field.id, field.key, field.type, field.title, field.description, field.position, field.active, field.system,
  field.required, field.regexp_for_validation, field.tag, field.options, field.relationship_target_type,
  field.relationship_filter, field.created_at, field.updated_at,
  jsonb_build_object('is_unique', object.name_is_unique, 'autoincrement_enabled', object.autoincrement_enabled,
    'autoincrement_prefix', object.autoincrement_prefix, 'autoincrement_padding', object.autoincrement_padding,
    'autoincrement_next_sequence', object.autoincrement_next_sequence) as name_properties
from records.field join records.object on object.id = field.object_id and object.deleted_at is null`;

/** A field as it leaves (§7). */
export function fieldOf(row: FieldRow, object: string, base: string): CustomObjectField {
  const url = `${base}/custom_objects/${object}/fields/${row.id}`;
  return {
    url: `${url}.json`,
    id: Number(row.id),
    type: row.type,
    key: row.key,
    title: row.title,
    raw_title: row.title,
    description: row.description,
    raw_description: row.description,
    position: row.position,
    active: row.active,
    system: row.system,
    required: row.required,
    readonly: false,
    regexp_for_validation: row.regexp_for_validation,
    properties: row.key === NAME_FIELD_KEY ? row.name_properties : {},
    created_at: wireTime(row.created_at),
    updated_at: wireTime(row.updated_at),
    ...membersOfType(row, url),
  };
}

function membersOfType(row: FieldRow, url: string): Partial<CustomObjectField> {
  switch (row.type) {
    case "checkbox":
      return { tag: row.tag };
    case "dropdown":
    case "multiselect":
      return {
        custom_field_options: row.options.map(({ id, name, value }, position) => ({
          id,
          name,
          raw_name: name,
          value,
          position,
          url: `${url}/options/${id}.json`,
        })),
      };
    case "lookup":
      return {
        relationship_target_type: row.relationship_target_type ?? "",
        relationship_filter: row.relationship_filter ?? {},
      };
    case "text":
    case "textarea":
    case "date":
    case "integer":
    case "decimal":
    case "regexp":
      return {};
    default:
      return row.type satisfies never;
  }
}
