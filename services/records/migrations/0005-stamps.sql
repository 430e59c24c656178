-- The stamps of a writer's values, beside its fence: field -> the writer's state and the stamp, with a space between. The stamp of the name
-- stands under "@name", the stamp of a delete under "".
alter table records.fence add column stamps jsonb not null default '{}';

-- The stamps of a key after a write. Within one state the writer's own books decide which value is newer, so the sent stamp stands. A
-- newer stamp that another state of the writer left here stays: the writer may have forgotten it.
create function records.newest_stamps(held jsonb, sent jsonb) returns jsonb
language plpgsql immutable parallel safe as $$
declare
  line record;
  newest jsonb := held;
begin
  if sent = '{}' or held = '{}' then
    return case when sent = '{}' then held else sent end;
  end if;
  if sent ? '' then
    if records.is_newer(held ->> '', sent ->> '') then
      return held;
    end if;
    -- A delete takes what is older with it; what is newer stays, beside it.
    for line in select key, value, value #>> '{}' as stamp from jsonb_each(held - '') loop
      if records.is_newer(line.stamp, sent ->> '') then
        sent := sent || jsonb_build_object(line.key, line.value);
      end if;
    end loop;
    return sent;
  end if;
  for line in select key, value, value #>> '{}' as stamp from jsonb_each(sent) loop
    if not records.is_newer(held ->> line.key, line.stamp) and not records.is_newer(held ->> '', line.stamp) then
      newest := newest || jsonb_build_object(line.key, line.value);
    end if;
  end loop;
  return newest;
end $$;

-- Whether the held stamp is another state's and newer than the sent one.
create function records.is_newer(held text, sent text) returns boolean
language sql immutable parallel safe as $$
  select coalesce(split_part(held, ' ', 1) <> split_part(sent, ' ', 1)
    and split_part(held, ' ', 2) collate "C" > split_part(sent, ' ', 2) collate "C", false)
$$;
