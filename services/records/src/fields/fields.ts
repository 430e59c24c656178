import type { Database } from "@sluice/runtime";
import {
  ANSWERS,
  COMPLAINTS,
  NAME_FIELD_KEY,
  RULINGS,
  Refusal,
  fieldCreate,
  fieldUpdate,
  nameProperties,
  type FieldUpdate,
} from "@sluice/zendesk";
import type { Caller } from "../caller.ts";
import { defining, raiseVersion, readDefinition, type LockedObject } from "../objects/defining.ts";
import { checkField, checkFieldCount, checkUnchanged, nextNameRules } from "./field-rules.ts";
import { SELECT_FIELDS, type FieldRow, type Option } from "./field-row.ts";
import { showObject } from "../objects/objects.ts";
import type { Store } from "../store.ts";

export async function listFields(store: Store, object: string, withStandard: boolean): Promise<FieldRow[]> {
  await showObject(store, object);
  return store.database.query<FieldRow>(
    `${SELECT_FIELDS} where object.key = $1::text and ($2::boolean or not field.system) order by field.position, field.id`,
    [object, withStandard],
  );
}

/** Finds a field by its key or its numeric id. @throws Refusal 404 */
export async function showField(database: Database, object: string, keyOrId: string): Promise<FieldRow> {
  if (!RULINGS.objectKeyPattern.test(object) || !/^[\w:]{1,100}$/.test(keyOrId))
    throw new Refusal(ANSWERS.recordNotFound());
  const [row] = await database.query<FieldRow>(
    `${SELECT_FIELDS} where object.key = $1::text and (field.key = $2::text or field.id::text = $2::text)`,
    [object, keyOrId],
  );
  if (row === undefined) throw new Refusal(ANSWERS.recordNotFound());
  return row;
}

export async function createField(store: Store, object: string, content: unknown, caller: Caller): Promise<FieldRow> {
  await showObject(store, object);
  const sent = readDefinition(fieldCreate, content);
  checkField(sent.type, sent, true);
  const at = timeOf(store);
  return defining(store, async (tx) => {
    const { id } = await raiseVersion(tx, object, { by: caller.userId, at });
    const [count = { fields: 0, lookups: 0, next_position: 0 }] = await tx.query<{
      fields: number;
      lookups: number;
      next_position: number;
    }>(
      `select count(*) filter (where not system)::integer as fields,
         count(*) filter (where type = 'lookup')::integer as lookups, max(position) + 1 as next_position
       from records.field where object_id = $1::integer`,
      [id],
    );
    checkFieldCount(store.account, count, sent.type);
    await tx.query(
      `insert into records.field (object_id, key, type, title, description, position, active, required,
         regexp_for_validation, tag, options, relationship_target_type, relationship_filter, created_at, updated_at)
       values ($1::integer, $2::text, $3::text, $4::text, $5::text, $6::integer, $7::boolean, $8::boolean,
         $9::text, $10::text, $11::jsonb, $12::text, $13::jsonb, $14::timestamptz, $14::timestamptz)`,
      [
        id,
        sent.key,
        sent.type,
        sent.title,
        sent.description ?? "",
        sent.position ?? count.next_position,
        sent.active ?? true,
        sent.required ?? false,
        sent.type === "regexp" ? sent.regexp_for_validation : null,
        sent.type === "checkbox" ? sent.tag : null,
        JSON.stringify(await optionsOf(tx, [], sent.custom_field_options ?? [])),
        sent.type === "lookup" ? sent.relationship_target_type : null,
        JSON.stringify(sent.relationship_filter ?? null),
        at,
      ],
    );
    return showField(tx, object, sent.key);
  });
}

/** Changes the members that are sent. Options that are left out vanish from the records too. */
export async function updateField(
  store: Store,
  object: string,
  keyOrId: string,
  content: unknown,
  caller: Caller,
): Promise<FieldRow> {
  await showField(store.database, object, keyOrId);
  const sent = readDefinition(fieldUpdate, content);
  const at = timeOf(store);
  return defining(store, async (tx) => {
    const locked = await raiseVersion(tx, object, { by: caller.userId, at });
    const row = await showField(tx, object, keyOrId);
    checkUnchanged(row, sent);
    if (row.system) await updateStandard(tx, locked, row, sent, at);
    else await updateOwn(tx, locked, row, sent, at);
    return showField(tx, object, keyOrId);
  });
}

/** Deletes the field and its values. */
export async function deleteField(store: Store, object: string, keyOrId: string, caller: Caller): Promise<void> {
  const at = timeOf(store);
  await defining(store, async (tx) => {
    const row = await showField(tx, object, keyOrId);
    if (row.system) {
      throw Refusal.invalid([COMPLAINTS.attribute("base", "a standard field cannot be deleted")]);
    }
    const { id } = await raiseVersion(tx, object, { by: caller.userId, at });
    await tx.query("delete from records.field where id = $1::bigint", [row.id]);
    // With the values left, a later field of the same key would find some that it never checked.
    await tx.query(
      `update records.record set fields = fields - $2::text
       where object_id = $1::integer and jsonb_exists(fields, $2::text)`,
      [id, row.key],
    );
  });
}

async function updateStandard(
  tx: Database,
  object: LockedObject,
  row: FieldRow,
  sent: FieldUpdate,
  at: string,
): Promise<void> {
  await tx.query(
    `update records.field set title = coalesce($2::text, title), description = coalesce($3::text, description),
       updated_at = $4::timestamptz where id = $1::bigint`,
    [row.id, sent.title, sent.description, at],
  );
  if (row.key !== NAME_FIELD_KEY || sent.properties === undefined || sent.properties === null) return;
  const next = nextNameRules(object, readDefinition(nameProperties, sent.properties));
  await tx.query(
    `update records.object set name_is_unique = $2::boolean, autoincrement_enabled = $3::boolean,
       autoincrement_prefix = $4::text, autoincrement_padding = $5::integer,
       autoincrement_next_sequence = $6::bigint where id = $1::integer`,
    [object.id, next.isUnique, next.enabled, next.prefix, next.padding, next.nextSequence],
  );
}

async function updateOwn(
  tx: Database,
  object: LockedObject,
  row: FieldRow,
  sent: FieldUpdate,
  at: string,
): Promise<void> {
  checkField(row.type, sent, false);
  const options =
    sent.custom_field_options === undefined
      ? row.options
      : await optionsOf(tx, row.options, sent.custom_field_options ?? []);
  await tx.query(
    `update records.field set title = coalesce($2::text, title), description = coalesce($3::text, description),
       position = coalesce($4::integer, position), active = coalesce($5::boolean, active),
       required = coalesce($6::boolean, required), regexp_for_validation = coalesce($7::text, regexp_for_validation),
       tag = coalesce($8::text, tag), options = $9::jsonb,
       relationship_filter = coalesce($10::jsonb, relationship_filter), updated_at = $11::timestamptz
     where id = $1::bigint`,
    [
      row.id,
      sent.title,
      sent.description === null ? "" : sent.description,
      sent.position,
      sent.active,
      sent.required,
      row.type === "regexp" ? sent.regexp_for_validation : null,
      row.type === "checkbox" ? sent.tag : null,
      JSON.stringify(options),
      sent.relationship_filter === undefined ? null : JSON.stringify(sent.relationship_filter),
      at,
    ],
  );
  const kept = new Set(options.map(({ value }) => value));
  const gone = row.options.map(({ value }) => value).filter((value) => !kept.has(value));
  if (gone.length > 0) await removeValues(tx, object.id, row, gone);
}

async function removeValues(tx: Database, objectId: number, row: FieldRow, gone: readonly string[]): Promise<void> {
  const sql =
    row.type === "multiselect"
      ? `update records.record set fields = jsonb_set(fields, array[$2::text], (fields -> $2::text) - $3::text[])
         where object_id = $1::integer and jsonb_exists_any(fields -> $2::text, $3::text[])`
      : `update records.record set fields = fields - $2::text
         where object_id = $1::integer and fields ->> $2::text = any($3::text[])`;
  await tx.query(sql, [objectId, row.key, gone]);
}

/** An option that is there already keeps its id, found by the id sent or by its value. */
async function optionsOf(
  tx: Database,
  current: readonly Option[],
  sent: readonly { id?: unknown; name: string; value: string }[],
): Promise<Option[]> {
  const minted = await tx.query<{ id: string }>(
    "select nextval('records.wire_id') as id from generate_series(1, $1::integer)",
    [sent.length],
  );
  const used = new Set<number>();
  return sent.map(({ id, name, value }, place) => {
    const known =
      current.find((option) => String(option.id) === String(id)) ?? current.find((option) => option.value === value);
    const kept = known !== undefined && !used.has(known.id) ? known.id : Number(minted[place]?.id);
    used.add(kept);
    return { id: kept, name, value };
  });
}

function timeOf(store: Store): string {
  return new Date(store.clock.nowMs()).toISOString();
}
