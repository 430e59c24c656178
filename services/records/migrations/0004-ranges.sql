-- Ranges of numbers and days, found by an index.
--
-- One index serves every field of every object. A number or a day of a record is a word in it: the object, the field, and the value
-- in digits that sort as the values do; a range is the words that begin like one of some beginnings (src/search/range-words.ts). Ten
-- digits hold 28 bits of the fraction, more than eight decimal places: the index narrows down, and what it yields is compared.

-- Millions of records take minutes.
set local statement_timeout = 0;

-- The cost is one that no plan takes on for row after row: the index alone is to answer for it, and no other process.
create function records.numbers(object integer, fields jsonb) returns tsvector
language plpgsql immutable parallel restricted cost 1000 as $$
declare
  field record;
  digits text;
  words text[] := '{}';
begin
  for field in select key, value::text as text, jsonb_typeof(value) as kind from jsonb_each(fields) loop
    if field.kind = 'number' then
      digits := left(encode(float8send(field.text::float8), 'hex'), 10);
    elsif field.text like '"____-__-__"' and field.text ~ '^"\d{4}-\d\d-\d\d"$' then
      digits := left(encode(float8send(translate(field.text, '"-', '')::float8), 'hex'), 10);
    else
      continue;
    end if;
    if field.text like '-%' then
      words := words || (object || '.' || field.key || '-' || translate(digits, '0123456789abcdef', 'fedcba9876543210'));
    else
      words := words || (object || '.' || field.key || '=' || digits);
    end if;
  end loop;
  return array_to_tsvector(words);
end $$;

create index record_numbers on records.record using gin (records.numbers(object_id, fields)) where deleted_at is null;
