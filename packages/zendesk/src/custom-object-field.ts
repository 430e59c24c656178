import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { RULINGS } from "./rulings.ts";

/** The types that the store offers; currency, parent and roll-up are the vendor's alone. */
export const FIELD_TYPES = [
  "text",
  "textarea",
  "checkbox",
  "date",
  "integer",
  "decimal",
  "regexp",
  "dropdown",
  "multiselect",
  "lookup",
] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** The two fields that every object has; all others are keyed by their own choice. */
export const NAME_FIELD_KEY = "standard::name";
export const EXTERNAL_ID_FIELD_KEY = "standard::external_id";

const text = z.string().trim().min(1).max(LIMITS.titleCharacters);
const description = z.string().max(LIMITS.descriptionCharacters);

/** A choice of a dropdown or multiselect: records hold `value`, people read `name`. */
const optionAsSent = z.object({
  // A new option comes without an id, or with null, or with the text "null".
  id: z.union([z.number().int(), z.string()]).nullish(),
  name: text,
  value: text,
});

/** The `properties` of `standard::name`. */
export const nameProperties = z.object({
  is_unique: z.boolean().optional(),
  autoincrement_enabled: z.boolean().optional(),
  autoincrement_prefix: z.string().max(LIMITS.autoincrementPrefixCharacters).nullish(),
  autoincrement_padding: z.number().int().min(0).max(LIMITS.autoincrementPadding).nullish(),
  autoincrement_next_sequence: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullish(),
});
export type NameProperties = z.infer<typeof nameProperties>;

/** The body of a field's update. Key, type and target can be sent again but not changed. */
export const fieldUpdate = z.object({
  key: z.string().optional(),
  type: z.string().optional(),
  title: text.optional(),
  description: description.nullish(),
  active: z.boolean().optional(),
  required: z.boolean().optional(),
  position: z.number().int().min(0).max(9_999).optional(),
  regexp_for_validation: z.string().max(LIMITS.regexpCharacters).nullish(),
  custom_field_options: z.array(optionAsSent).max(LIMITS.optionsPerField).nullish(),
  tag: z.string().max(LIMITS.titleCharacters).nullish(),
  relationship_target_type: z.string().nullish(),
  relationship_filter: z.record(z.string(), z.unknown()).nullish(),
  // Properties of other fields are ignored, so that only the description knows their members.
  properties: z
    .record(z.string(), z.unknown())
    .nullish()
    .meta({ properties: z.toJSONSchema(nameProperties, { io: "input" }).properties }),
});
export type FieldUpdate = z.infer<typeof fieldUpdate>;

/** The body that creates a field. */
export const fieldCreate = fieldUpdate.extend({
  key: z.string().regex(RULINGS.fieldKeyPattern),
  title: text,
  type: z.enum(FIELD_TYPES).default("text"),
  relationship_target_type: z
    .string()
    .regex(/^zen:(user|organization|ticket|article|brand|custom_object:[A-Za-z0-9_-]{1,100})$/)
    .nullish(),
});
export type FieldCreate = z.infer<typeof fieldCreate>;

export const fieldOption = z.object({
  id: z.number(),
  name: z.string(),
  raw_name: z.string(),
  value: z.string(),
  position: z.number(),
  url: z.string(),
});

/** A field as it is returned; the members at the end are there for the types that have them. */
export const customObjectField = z.object({
  url: z.string(),
  id: z.number(),
  type: z.enum(FIELD_TYPES),
  key: z.string(),
  title: z.string(),
  raw_title: z.string(),
  description: z.string(),
  raw_description: z.string(),
  position: z.number(),
  active: z.boolean(),
  system: z.boolean(),
  required: z.boolean(),
  readonly: z.boolean(),
  regexp_for_validation: z.string().nullable(),
  properties: z.looseObject({
    is_unique: z.boolean().optional(),
    autoincrement_enabled: z.boolean().optional(),
    autoincrement_prefix: z.string().optional(),
    autoincrement_padding: z.number().optional(),
    autoincrement_next_sequence: z.number().optional(),
  }),
  created_at: z.string(),
  updated_at: z.string(),
  tag: z.string().nullable().optional(),
  custom_field_options: z.array(fieldOption).optional(),
  relationship_target_type: z.string().optional(),
  relationship_filter: z.record(z.string(), z.unknown()).optional(),
});
export type CustomObjectField = z.infer<typeof customObjectField>;
