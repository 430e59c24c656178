-- The records that the index of ranges yields, whatever the planner expects.
--
-- The planner takes each beginning of a word for a fiftieth of the table, and a range has up to some hundred of them: at seven million records it rather
-- computed the words of every record, for eight seconds, than ask the index, which answers in a millisecond that there is none. So the
-- plan is made without looking at the words, and without the other ways through the table.

create function records.in_range(words tsquery) returns setof text
language sql stable
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_indexscan = off
set enable_indexonlyscan = off
set jit = off
as $$ select id from records.record where deleted_at is null and records.numbers(object_id, fields) @@ words $$;
