import { recordColumns } from "./record-row.ts";

/**
 * The statements that write records, any number of them at once. Each is atomic by itself and takes one round trip:
 *
 * - `item` is the records to be written, one record each, no key twice.
 * - `object` proves that the definition which the caller checked against is still the current one. (Definitions
 *   change under a lock that excludes these statements, so this can't become untrue while one runs.)
 * - `fence` raises the fences of the keys, and yields the rows where there is no higher one, with what they know of their fields' stamps.
 *   Its rows are locked until the end, so that two writers of one key follow one another.
 * - `judged` are the items, each with its parts that are older than the stored ones; `allowed` are the items with a part left.
 * - `written` are the rows after the write; an item has none where there was no record to change.
 *
 * $1 object, $2 version, $3 the items as a JSON array of `RecordItem`.
 * Returns one row for each item, in their order: `current` 0 when the definition is outdated, `allowed` false when the
 * item's fence is stale, `newest` then the higher one, `outdone` true when all of the item is older than the record, `older` the
 * fields that were left out, `created`, and the record's columns, null when nothing was written.
 * Rows are locked in the order of their keys, so that two such statements wait for one another rather than deadlock.
 */
function head(by: KeyKind): string {
  const kind = kindOf(by);
  return `
with item as materialized (
  select * from rows from (jsonb_to_recordset($3::jsonb) as (key text, fence bigint, stamps jsonb, id text, external_id text,
    name text, sends_name boolean, sends_external_id boolean, fields jsonb, written_by text, written_at timestamptz))
    with ordinality as item(key, fence, stamps, id, external_id, name, sends_name, sends_external_id, fields, written_by, written_at, place)
), object as materialized (
  select id, name_is_unique from records.object where id = $1::integer and version = $2::integer and deleted_at is null
), fence as (
  insert into records.fence as held (object_id, key_kind, key, fence, stamps)
  select object.id, '${kind}', item.key, item.fence, item.stamps from item, object where item.fence is not null order by item.key
  on conflict (object_id, key_kind, key) do update set fence = excluded.fence,
    stamps = records.newest_stamps(held.stamps, excluded.stamps) where held.fence <= excluded.fence
  returning key, stamps
), judged as materialized (
  select item.*, object.id as object_id, object.name_is_unique, fence.stamps as known, case
    when item.stamps ? '' and fence.stamps <> item.stamps then array['']
    when not fence.stamps @> item.stamps then array(
      select each.key from jsonb_each(item.stamps) as each where fence.stamps -> each.key is distinct from each.value
    ) else '{}' end as older
  from object, item left join fence on item.fence is not null and fence.key = item.key
  where item.fence is null or fence.key is not null
), allowed as materialized (
  select place, key, fence, id, external_id, ${by === "external_id" ? KEPT_NAME : "name, sends_name"}, sends_external_id,
    fields - older as fields, written_by, written_at, object_id, name_is_unique, older
  from judged where cardinality(older) = 0 or fields - older <> '{}' or cardinality(older) < (select count(*) from jsonb_object_keys(stamps))
)`;
}

/** A name that is older than the record's own is left as it is. */
const KEPT_NAME = `case when not '@name' = any(older) then name else coalesce((select kept.name from records.record kept
    where kept.object_id = judged.object_id and kept.external_id = judged.key and kept.deleted_at is null), name) end as name,
    sends_name and not '@name' = any(older) as sends_name`;

/** Writes by id carry no fence. */
function kindOf(by: KeyKind): string {
  return by === "id" ? "external_id" : by;
}

function tail(by: KeyKind, match: string, created: string): string {
  return `
select (select count(*) from object)::integer as current, item.place in (select place from allowed) as allowed,
  item.place in (select place from judged) and item.place not in (select place from allowed) as outdone,
  (select older from allowed where allowed.place = item.place) as older,
  case when item.fence is not null and item.place not in (select place from judged) then (
    select held.fence::text from records.fence held, object
    where held.object_id = object.id and held.key_kind = '${kindOf(by)}' and held.key = item.key and held.fence > item.fence
  ) end as newest,
  ${created} as created, ${recordColumns("written")}
from item left join written on ${match} order by item.place`;
}

const CONFLICT = {
  external_id: "(object_id, external_id) where deleted_at is null and external_id is not null",
  name: "(object_id, unique_name) where deleted_at is null and unique_name is not null",
} as const;

const KEY_COLUMN = { external_id: "external_id", name: "unique_name", id: "id" } as const;

/** The kinds of key that a record can be addressed by. */
export type KeyKind = keyof typeof KEY_COLUMN;

/** One record in the form that its statement takes. */
export type RecordItem = {
  /** The record's key; empty for a record that is new in any case. */
  readonly key: string;
  /** The writer's fencing token. */
  readonly fence: string | null;
  /** With a token: how new the sent parts are, as records.fence keeps it. Nothing is known of a part that is not in it. */
  readonly stamps: Readonly<Record<string, string>>;
  /** The id that a new record takes. */
  readonly id: string;
  readonly external_id: string | null;
  readonly name: string | null;
  /** Whether an existing record's name and external_id are replaced by these. */
  readonly sends_name: boolean;
  readonly sends_external_id: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
  /** User and ISO time of the write. */
  readonly written_by: string;
  readonly written_at: string;
};

/** Names are taken from the object's sequence, a stretch of it for all items at once. */
const NUMBERING = `
, numbered as (
  update records.object as counter
  set autoincrement_next_sequence = counter.autoincrement_next_sequence + (select count(*) from allowed)
  from object where counter.id = object.id and exists (select 1 from allowed)
  returning counter.autoincrement_prefix as prefix, counter.autoincrement_padding as padding,
    counter.autoincrement_next_sequence - (select count(*) from allowed) as first
), named as (
  select allowed.*, prefix, padding, (first + row_number() over (order by place) - 1)::text as number
  from allowed, numbered
)`;

type Insertion = { readonly numbered: boolean; readonly by: KeyKind; readonly replaces: readonly string[] };

/** Inserts new records; with a key other than the id, also sets the `replaces` columns of existing ones to what was sent. */
function insertion({ numbered, by, replaces }: Insertion): string {
  const name = numbered ? "prefix || lpad(number, greatest(padding, length(number)), '0')" : "name";
  const updates = [...replaces, "updated_by", "updated_at"].map((column) => `${column} = excluded.${column}`);
  const resolution =
    by === "id"
      ? ""
      : `on conflict ${CONFLICT[by]} do update set fields = kept.fields || excluded.fields, ${updates.join(", ")}`;
  return `${head(by)}${numbered ? NUMBERING : ""}
, written as (
  insert into records.record as kept
    (id, object_id, external_id, name, unique_name, fields, created_by, updated_by, created_at, updated_at)
  select id, object_id, external_id, ${name}, case when name_is_unique then name end, fields, written_by, written_by, written_at, written_at
  from ${numbered ? "named" : "allowed"} order by key
  ${resolution}
  returning ${recordColumns("kept")}
)${tail(by, by === "id" ? "written.id = item.id" : `written.${by} = item.key`, "coalesce(written.id = item.id, false)")}`;
}

const LOCKED = (by: KeyKind) => `
, locked as materialized (
  select kept.id as record_id, allowed.* from allowed join records.record as kept
    on kept.object_id = allowed.object_id and kept.deleted_at is null and kept.${KEY_COLUMN[by]} = allowed.key
  order by allowed.key for update of kept
)`;

function update(by: KeyKind): string {
  return `${head(by)}${LOCKED(by)}
, written as (
  update records.record as kept set
    name = case when sends_name then locked.name else kept.name end,
    unique_name = case when sends_name and name_is_unique then locked.name else kept.unique_name end,
    external_id = case when sends_external_id then locked.external_id else kept.external_id end,
    fields = kept.fields || locked.fields, updated_by = locked.written_by, updated_at = locked.written_at
  from locked where kept.id = record_id
  returning place, ${recordColumns("kept")}
)${tail(by, "written.place = item.place", "false")}`;
}

/**
 * Deletes a record. Its row stays, without its place in any index of live records. A record with parts that are newer than the
 * delete lives on without the older ones.
 */
function deletion(by: KeyKind): string {
  return `${head(by)}${LOCKED(by)}
, cleared as (
  update records.record as kept set updated_at = judged.written_at, updated_by = judged.written_by, fields = (
    select coalesce(jsonb_object_agg(each.key, each.value), '{}') from jsonb_each(kept.fields) as each where judged.known ? each.key)
  from judged where judged.known -> '' = judged.stamps -> '' and judged.known <> judged.stamps
    and kept.object_id = judged.object_id and kept.deleted_at is null and kept.${KEY_COLUMN[by]} = judged.key
)
, written as (
  update records.record as kept set deleted_at = locked.written_at, updated_at = locked.written_at, updated_by = locked.written_by
  from locked where kept.id = record_id
  returning place, ${recordColumns("kept")}
)${tail(by, "written.place = item.place", "false")}`;
}

const NAMES = ["name", "unique_name"];

export const STATEMENTS = {
  insert: insertion({ numbered: false, by: "id", replaces: [] }),
  insertNumbered: insertion({ numbered: true, by: "id", replaces: [] }),
  upsertByExternalId: insertion({ numbered: false, by: "external_id", replaces: NAMES }),
  upsertByExternalIdNumbered: insertion({ numbered: true, by: "external_id", replaces: [] }),
  upsertByName: insertion({ numbered: false, by: "name", replaces: [] }),
  upsertByNameWithExternalId: insertion({ numbered: false, by: "name", replaces: ["external_id"] }),
  updateByExternalId: update("external_id"),
  updateByName: update("name"),
  updateById: update("id"),
  deleteByExternalId: deletion("external_id"),
  deleteByName: deletion("name"),
  deleteById: deletion("id"),
} as const;

export type StatementName = keyof typeof STATEMENTS;
