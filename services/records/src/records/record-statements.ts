import { recordColumns } from "./record-row.ts";

/**
 * The statements that write records. Each is atomic by itself and takes one round trip:
 *
 * - `object` proves that the definition which the caller checked against is still the current one. (Definitions
 *   change under a lock that excludes these statements, so this can't become untrue while one runs.)
 * - `fence` raises the key's fence, or yields nothing when a higher one is there. Its row is locked until
 *   the end, so that two writers of one key follow one another.
 * - `written` is the row after the write; nothing when there was none to change.
 *
 * The first five parameters are those of `HEAD`; times are ISO text.
 * Returns one row: `current` 0 when the definition is outdated, `allowed` 0 when the fence is stale, and the
 * record's columns, null when nothing was written.
 */
const HEAD = `
with object as materialized (
  select id, name_is_unique from records.object where id = $1::integer and version = $2::integer and deleted_at is null
), fence as (
  insert into records.fence as held (object_id, key_kind, key, fence)
  select id, $3::text, $4::text, $5::bigint from object where $5::bigint is not null
  on conflict (object_id, key_kind, key) do update set fence = excluded.fence where held.fence <= excluded.fence
  returning 1
), allowed as materialized (
  select * from object where $5::bigint is null or exists (select 1 from fence)
)`;

const TAIL = `
select (select count(*) from object)::integer as current, (select count(*) from allowed)::integer as allowed,
  ${recordColumns("written")}
from (values (1)) as always left join written on true`;

const CONFLICT = {
  external_id: "(object_id, external_id) where deleted_at is null and external_id is not null",
  name: "(object_id, unique_name) where deleted_at is null and unique_name is not null",
} as const;

const KEY_COLUMN = { external_id: "external_id", name: "unique_name", id: "id" } as const;

export type KeyKind = keyof typeof KEY_COLUMN;

/**
 * $6 new id, $7 external_id, $8 name, $9 fields, $10 user, $11 time; and for a conflict $12 whether a name and
 * $13 whether an external_id was sent. A numbered name is taken from the object's sequence, $8 is not used then.
 */
function insertion(numbered: boolean, conflict: "external_id" | "name" | undefined): string {
  const numbering = `
, numbered as (
  update records.object as counter set autoincrement_next_sequence = counter.autoincrement_next_sequence + 1
  from allowed where counter.id = allowed.id
  returning counter.autoincrement_prefix as prefix, counter.autoincrement_padding as padding,
    (counter.autoincrement_next_sequence - 1)::text as number
)`;
  const generated = "numbered.prefix || lpad(number, greatest(padding, length(number)), '0')";
  const resolution =
    conflict === undefined
      ? ""
      : `on conflict ${CONFLICT[conflict]} do update set
    name = case when $12::boolean then excluded.name else kept.name end,
    unique_name = case when $12::boolean then excluded.unique_name else kept.unique_name end,
    external_id = case when $13::boolean then excluded.external_id else kept.external_id end,
    fields = kept.fields || excluded.fields, updated_by = excluded.updated_by, updated_at = excluded.updated_at`;
  return `${HEAD}${numbered ? numbering : ""}
, written as (
  insert into records.record as kept
    (id, object_id, external_id, name, unique_name, fields, created_by, updated_by, created_at, updated_at)
  select $6::text, id, $7::text, ${numbered ? generated : "$8::text"}, case when name_is_unique then $8::text end,
    $9::jsonb, $10::text, $10::text, $11::timestamptz, $11::timestamptz
  from allowed${numbered ? ", numbered" : ""}
  ${resolution}
  returning ${recordColumns("kept")}
)${TAIL}`;
}

/** $4 is the key; $6 whether a name was sent, $7 name, $8 whether an external_id was sent, $9 external_id, $10 fields, $11 user, $12 time. */
function update(by: KeyKind): string {
  return `${HEAD}
, written as (
  update records.record as kept set
    name = case when $6::boolean then $7::text else kept.name end,
    unique_name = case when $6::boolean and allowed.name_is_unique then $7::text else kept.unique_name end,
    external_id = case when $8::boolean then $9::text else kept.external_id end,
    fields = kept.fields || $10::jsonb, updated_by = $11::text, updated_at = $12::timestamptz
  from allowed
  where kept.object_id = allowed.id and kept.deleted_at is null and kept.${KEY_COLUMN[by]} = $4::text
  returning ${recordColumns("kept")}
)${TAIL}`;
}

/** $4 is the key; $6 user, $7 time. The row stays, without its place in any index of live records. */
function deletion(by: KeyKind): string {
  return `${HEAD}
, written as (
  update records.record as kept set deleted_at = $7::timestamptz, updated_at = $7::timestamptz, updated_by = $6::text
  from allowed
  where kept.object_id = allowed.id and kept.deleted_at is null and kept.${KEY_COLUMN[by]} = $4::text
  returning ${recordColumns("kept")}
)${TAIL}`;
}

export const STATEMENTS = {
  insert: insertion(false, undefined),
  insertNumbered: insertion(true, undefined),
  upsert: { external_id: insertion(false, "external_id"), name: insertion(false, "name") },
  upsertNumbered: insertion(true, "external_id"),
  update: { external_id: update("external_id"), name: update("name"), id: update("id") },
  delete: { external_id: deletion("external_id"), name: deletion("name"), id: deletion("id") },
} as const;
