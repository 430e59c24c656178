-- The part of a script that opens changes of a record.

-- Counts new open changes of the record by source. The record falls due, unless it is due or in flight already: answers whether it did.
-- `record`: its id, its key, and since when it is pending (ms).
local function opened(record, sources, now, is_new)
  local pending, since = lane .. ':p:' .. record.id, record.since
  for source, by in pairs(sources) do
    count('open', source, by)
    if not is_new then redis.call('HINCRBY', pending, 'o:' .. source, by) end
  end
  if not is_new then
    redis.call('HSETNX', pending, '@key', record.key)
    if redis.call('HEXISTS', pending, '@fence') == 1 then redis.call('HSETNX', pending, '@during', since) end
  end
  redis.call('ZADD', lane .. ':since', 'NX', text(since), record.id)
  shares = shares or hash(lane .. ':shares')
  local falls_due_now = redis.call('ZADD', lane .. ':due', 'NX', text(now), record.id) == 1
  for source in pairs(sources) do
    if (tonumber(shares[source]) or 0) > 0 then
      -- A turn may stand there from an earlier flight, as late as that one's lease.
      if falls_due_now then
        redis.call('ZADD', lane .. ':turn:' .. source, now, record.id)
      else
        redis.call('ZADD', lane .. ':turn:' .. source, 'NX', now, record.id)
      end
    end
  end
  if falls_due_now then
    redis.call('PERSIST', lane .. ':l:' .. record.id)
    if not is_new then redis.call('HSET', pending, '@since', since) end
  end
  return falls_due_now
end
