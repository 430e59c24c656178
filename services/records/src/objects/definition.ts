import type { Database } from "@sluice/runtime";
import {
  ANSWERS,
  RULINGS,
  Refusal,
  compileFieldChecks,
  type FieldChecks,
  type FieldDefinition,
  type FieldType,
} from "@sluice/zendesk";
import { LIMITS } from "../limits.ts";

/** An object's definition, by which its records are checked and shown, compiled once per version. */
export type ObjectDefinition = {
  readonly id: number;
  readonly key: string;
  readonly version: number;
  readonly nameIsUnique: boolean;
  /** Numbered names are made from a sequence and can't be sent. */
  readonly nameIsNumbered: boolean;
  /** The active fields, in their order. */
  readonly shownFields: readonly DefinedField[];
  readonly check: FieldChecks;
};

export type DefinedField = FieldDefinition & {
  readonly active: boolean;
  /** The target of a lookup: `zen:custom_object:KEY` or another of the vendor's kinds. */
  readonly target: string | null;
};

/** The result of `work` when the database knows a newer version of the definition than the one that was used. */
export const OUTDATED = Symbol("outdated");

/** The definitions as this process knows them. Another process may change them at any time. */
export type Definitions = {
  /**
   * Runs `work` with the object's definition, and again with a fresh one when it says OUTDATED.
   * @throws Refusal 404 when there is no such object
   */
  with<T>(key: string, work: (definition: ObjectDefinition) => Promise<T | typeof OUTDATED>): Promise<T>;
};

export function definitionsOf(database: Database): Definitions {
  const known = new Map<string, ObjectDefinition>();
  return {
    async with(key, work) {
      if (!RULINGS.objectKeyPattern.test(key)) throw new Refusal(ANSWERS.recordNotFound());
      for (let attempt = 1; attempt <= LIMITS.writeAttempts; attempt += 1) {
        const remembered = known.get(key);
        const definition = remembered ?? (await load(database, key));
        if (definition === undefined) throw new Refusal(ANSWERS.recordNotFound());
        known.set(key, definition);
        try {
          const result = await work(definition);
          if (result !== OUTDATED) return result;
        } catch (error) {
          // A refusal by an old definition is no final one: the present definition may allow the request.
          if (remembered === undefined || !(error instanceof Refusal) || (await isCurrent(database, remembered)))
            throw error;
        }
        if (known.get(key) === definition) known.delete(key);
      }
      throw new Refusal(ANSWERS.conflict());
    },
  };
}

type Row = {
  id: number;
  key: string;
  version: number;
  name_is_unique: boolean;
  autoincrement_enabled: boolean;
  fields: FieldRow[];
};
type FieldRow = {
  key: string;
  title: string;
  type: FieldType;
  required: boolean;
  active: boolean;
  pattern: string | null;
  target: string | null;
  option_values: string[];
};

/** Object and fields in one statement, so that they belong together. */
const LOAD = `
select object.id, object.key, object.version, object.name_is_unique, object.autoincrement_enabled,
  coalesce((
    select jsonb_agg(jsonb_build_object(
      'key', field.key, 'title', field.title, 'type', field.type, 'required', field.required, 'active', field.active,
      'pattern', field.regexp_for_validation, 'target', field.relationship_target_type,
      'option_values', jsonb_path_query_array(field.options, '$[*].value')) order by field.position, field.id)
    from records.field where field.object_id = object.id and not field.system), '[]') as fields
from records.object where object.key = $1 and object.deleted_at is null`;

async function isCurrent(database: Database, { id, version }: ObjectDefinition): Promise<boolean> {
  const current =
    "select 1 from records.object where id = $1::integer and version = $2::integer and deleted_at is null";
  return (await database.query(current, [id, version])).length > 0;
}

async function load(database: Database, key: string): Promise<ObjectDefinition | undefined> {
  const [row] = await database.query<Row>(LOAD, [key]);
  if (row === undefined) return undefined;
  const fields = row.fields.map((field): DefinedField => ({
    key: field.key,
    title: field.title,
    type: field.type,
    // Nobody can fill in a field that is not shown.
    required: field.required && field.active,
    active: field.active,
    pattern: field.pattern,
    target: field.target,
    optionValues: field.option_values,
  }));
  return {
    id: row.id,
    key: row.key,
    version: row.version,
    nameIsUnique: row.name_is_unique,
    nameIsNumbered: row.autoincrement_enabled,
    shownFields: fields.filter(({ active }) => active),
    check: compileFieldChecks(fields),
  };
}
