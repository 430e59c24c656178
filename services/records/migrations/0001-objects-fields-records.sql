-- Custom objects, their fields, their records, and the fences of their writers.
--
-- What it keeps true: one live record per (object, external_id); one live record per name where an
-- object's names are unique; no record over 32 KB; autonumbering and unique names exclude each other.

create schema records;

-- Fields and options have numeric ids on the wire.
create sequence records.wire_id start 10000000000001;

create table records.object (
  id integer generated always as identity primary key,
  key text collate "C" not null constraint object_key unique,
  -- Goes up with every change of the object or its fields; writers prove with it that what they checked
  -- a record against is still so.
  version integer not null default 1,
  title text not null,
  title_pluralized text not null,
  description text not null default '',
  include_in_list_view boolean not null default true,
  allows_photos boolean not null default false,
  allows_attachments boolean not null default false,
  name_is_unique boolean not null default false,
  autoincrement_enabled boolean not null default false,
  autoincrement_prefix text not null default '',
  autoincrement_padding integer not null default 0,
  autoincrement_next_sequence bigint not null default 1,
  created_by text not null,
  updated_by text not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  -- A deleted object keeps its key for as long as it has records.
  deleted_at timestamptz(3),
  check (not (name_is_unique and autoincrement_enabled))
);

create table records.field (
  id bigint primary key default nextval('records.wire_id'),
  object_id integer not null references records.object on delete cascade,
  key text collate "C" not null,
  type text not null,
  title text not null,
  description text not null default '',
  position integer not null,
  active boolean not null default true,
  -- standard::name and standard::external_id, which every object has.
  system boolean not null default false,
  required boolean not null default false,
  regexp_for_validation text,
  tag text,
  -- [{id, name, value}], in their order.
  options jsonb not null default '[]',
  relationship_target_type text,
  relationship_filter jsonb,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint field_key unique (object_id, key)
);

-- How long `fields` is as compact JSON, the way it is sent: jsonb's own text has a space behind
-- every colon and comma. Values are scalars or arrays of strings, never objects.
create function records.json_bytes(fields jsonb) returns integer
language sql immutable parallel safe
return octet_length(fields::text) - coalesce(
  (select count(*) * 2 - 1
     + coalesce(sum(greatest(jsonb_array_length(value) - 1, 0)) filter (where jsonb_typeof(value) = 'array'), 0)
   from jsonb_each(fields) having count(*) > 0), 0)::integer;

create table records.record (
  -- A ULID: in its own order the order of creation.
  id text collate "C" primary key,
  object_id integer not null references records.object,
  external_id text collate "C",
  name text not null,
  -- The name again where the object's names are unique, otherwise null.
  unique_name text collate "C",
  -- Field key → value; a null is an unset field.
  fields jsonb not null default '{}',
  created_by text not null,
  updated_by text not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  deleted_at timestamptz(3),
  -- The spaced text is longer, so that for nearly every record the first half decides.
  constraint record_size check (octet_length(fields::text) <= 32768 or records.json_bytes(fields) <= 32768)
);

create unique index record_external_id on records.record (object_id, external_id)
  where deleted_at is null and external_id is not null;
create unique index record_unique_name on records.record (object_id, unique_name)
  where deleted_at is null and unique_name is not null;
create index record_list on records.record (object_id, id) where deleted_at is null;
create index record_updated on records.record (object_id, updated_at, id) where deleted_at is null;

-- The highest Sluice-Fence seen per key. It outlives the record, so that a writer who comes too late can't
-- bring a deleted one back.
create table records.fence (
  object_id integer not null references records.object on delete cascade,
  key_kind text not null check (key_kind in ('external_id', 'name')),
  key text collate "C" not null,
  fence bigint not null,
  primary key (object_id, key_kind, key)
);
