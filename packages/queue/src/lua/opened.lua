-- The part of a script that opens changes of a record.

-- Whether the destination has so many lanes, as far as this one knows (seen.lua): else the record may live in another one.
local function is_of(lanes)
  return (redis.call('HGET', lane .. ':e', 'lanes') or '1') == lanes
end

-- Quiet records fall due together: one command for many members costs Redis a fraction of one for each. `enter()` writes them; it
-- is called before anything looks at due records, and before a script ends that opens changes of quiet records.
local entering, entering_due, entering_since = {}, {}, {}
local function enter()
  if #entering_due == 0 then return end
  redis.call('ZADD', lane .. ':due', unpack(entering_due))
  redis.call('ZADD', lane .. ':since', unpack(entering_since))
  entering, entering_due, entering_since = {}, {}, {}
end

-- Counts new open changes of the record by source. The record falls due, unless it is due or in flight already: answers whether it did.
-- `record`: its id, its key, and since when it is pending (ms). `is_new`: nothing of it was pending.
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
  shares = shares or hash(lane .. ':shares')
  local falls_due_now = is_new
  if is_new then
    entering[record.id] = true
    entering_due[#entering_due + 1], entering_due[#entering_due + 2] = text(now), record.id
    entering_since[#entering_since + 1], entering_since[#entering_since + 2] = text(since), record.id
  else
    redis.call('ZADD', lane .. ':since', 'NX', text(since), record.id)
    falls_due_now = redis.call('ZADD', lane .. ':due', 'NX', text(now), record.id) == 1
  end
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
