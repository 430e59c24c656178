-- Search, and the export of what changed.
--
-- Postgres' own full text search finds words; trigrams, where the pg_trgm extension can be had, find parts of a name and
-- names that are nearly the same. Without it both still work, but parts of names are looked for record by record.

create function records.words(name text, external_id text, fields jsonb) returns tsvector
language sql immutable parallel safe
return to_tsvector('simple'::regconfig, translate(name || ' ' || coalesce(external_id, ''), '-_./:#@', '       '))
  || jsonb_to_tsvector('simple'::regconfig, fields, '["string"]');

create index record_words on records.record using gin (records.words(name, external_id, fields)) where deleted_at is null;
create index record_fields on records.record using gin (fields jsonb_path_ops) where deleted_at is null;
create index record_name on records.record (object_id, name collate "C", id) where deleted_at is null;

do $$
begin
  create extension if not exists pg_trgm;
  create index record_name_parts on records.record using gin (name gin_trgm_ops) where deleted_at is null;
exception when others then
  raise notice 'without pg_trgm: %', sqlerrm;
end $$;

-- With the deleted records, for the export; the list by updated_at goes by it too.
create index record_changed on records.record (object_id, updated_at, id);
drop index records.record_updated;
