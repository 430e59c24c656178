-- The part of a script that takes a lease on records that are due, and the requests that may write them.
--
-- An order stands in ARGV as: lease (ms), ordering horizon (ms), requests per minute, requests that may start in this process,
--       records in one request at most, records in all at most, requests granted before and not sent, mark of
--       the credentials, ms that a request can be in flight, ms that records may be gathered when requests are
--       scarce, whether digests of confirmed values are wanted ('1' or '0'), jobs that may run at a time
-- Answers  { 'held', ms left ('' for no end), reason }  nothing may be taken now
--          { 'wait', ms }  nothing is due, or no request may start; to be asked again then
--          { 'claimed', requests granted, { pass of a request, … } (in a recovery only), records that are left due,
--            { id, fencing token, everything pending as a flat list, { field, digest, … } }, … }
-- Keeps true: of two tokens of a record the later is larger, even when the ledger has been forgotten and
-- when Redis' clock has jumped back; a record is claimed only when it is due, so never while leased. Of two sources
-- that always have something due the one with twice the share has twice as many records claimed.
local function take_order()
  return {
    lease = take_number(),
    horizon = take_number(),
    per_minute = take_number(),
    wanted = take_number(),
    batch = take_number(),
    most = take_number(),
    back = take_number(),
    credentials = take(),
    pass_ms = take_number(),
    gather = take_number(),
    digests = take() == '1',
    places = take_number(),
  }
end

-- `:turn:<source>` lists what came in from a source. It is not kept exact: what is no longer due is passed over.
local LOOK_PAST = 300
local function due_from(source, now, most)
  local turn, found = lane .. ':turn:' .. source, {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', turn, '-inf', now, 'LIMIT', 0, most + LOOK_PAST)) do
    local due = redis.call('ZSCORE', lane .. ':due', id)
    if not due then
      redis.call('ZREM', turn, id)
    elseif tonumber(due) <= now then
      found[#found + 1] = id
    end
  end
  return found
end

-- How many records are due from live sources, and a function that lists so many of them in the order of their shares; 0
-- where nothing is shared out, or only a backfill has something due. Each record costs its source 1/share: whose bill
-- is least is next, and who was idle saves nothing.
local function in_turns(now, most)
  local weights = redis.call('HGETALL', lane .. ':shares')
  if #weights == 0 then return 0 end
  local bills, sources = hash(lane .. ':bills'), {}
  local clock = tonumber(bills['@clock']) or 0
  for i = 1, #weights, 2 do
    local weight = tonumber(weights[i + 1])
    local ids = weight > 0 and due_from(weights[i], now, most) or {}
    local bill = math.max(clock, tonumber(bills[weights[i]]) or 0)
    if #ids > 0 then sources[#sources + 1] = { name = weights[i], weight = weight, ids = ids, at = 1, bill = bill } end
  end
  if #sources == 0 then return 0 end
  local all = 0
  for _, source in ipairs(sources) do all = all + #source.ids end
  return all, function(count)
    local ids, taken = {}, {}
    while #ids < count do
      local next_one
      for _, source in ipairs(sources) do
        while taken[source.ids[source.at]] do source.at = source.at + 1 end
        if source.ids[source.at] and (not next_one or source.bill < next_one.bill) then next_one = source end
      end
      if not next_one then break end
      local id = next_one.ids[next_one.at]
      ids[#ids + 1], taken[id] = id, true
      clock = next_one.bill
      next_one.bill = clock + 1 / next_one.weight
    end
    for _, source in ipairs(sources) do redis.call('HSET', lane .. ':bills', source.name, tostring(source.bill)) end
    redis.call('HSET', lane .. ':bills', '@clock', tostring(clock))
    return ids
  end
end

-- Takes the lease on one record that is due. `released`: when the last hold ended (ms).
local function claim_record(id, micros, order, released)
  local now = math.floor(micros / 1000)
  local ledger, pending, values = lane .. ':l:' .. id, lane .. ':p:' .. id, lane .. ':v:' .. id
  local last = tonumber(redis.call('HGET', ledger, '@fence')) or 0
  local fence = string.format('%.0f', math.max(micros, last + 1))
  redis.call('HSET', ledger, '@fence', fence)
  redis.call('PEXPIRE', ledger, order.horizon)
  redis.call('HSET', pending, '@fence', fence)
  redis.call('ZADD', lane .. ':due', 'XX', now + order.lease, id)
  local confirmed = order.digests and redis.call('HGETALL', values) or {}
  -- Once it may have been sent, nobody knows what the destination holds until it is confirmed again.
  if #confirmed > 0 then redis.call('DEL', values) end
  local flat = redis.call('HGETALL', pending)
  for i = 1, #flat, 2 do
    if flat[i] == '@during' then redis.call('HDEL', pending, '@during') end
    -- A hold's time is no time of the record's own: the deadline of its retries counts from the hold's end.
    if flat[i] == '@failing' and released and tonumber(flat[i + 1]) < tonumber(released) then
      redis.call('HSET', pending, '@failing', released)
      flat[i + 1] = released
    end
  end
  return { id, fence, flat, confirmed }
end

local function claim_due(order)
  local micros = now_micros()
  local now = math.floor(micros / 1000)
  local wanted, batch = order.wanted, order.batch
  local reason, left = hold_of(now, order.credentials)
  if reason then return { 'held', left, reason } end
  local first = redis.call('ZRANGE', lane .. ':due', 0, 0, 'WITHSCORES')
  local due_in = first[2] and math.ceil(first[2] - now) or 60000
  -- An empty lane is asked often: it is left as it is, and so costs no write.
  if due_in > 0 and order.back == 0 then return { 'wait', due_in } end
  local requests, again = allowance(micros, order.per_minute, wanted, order.back)
  if due_in > 0 then return { 'wait', due_in } end
  if requests == 0 then return { 'wait', again } end

  -- As many as there are requests go one by one; of more, all that their requests can carry go at once. A single record tries
  -- whether the destination is well again.
  local allowed, released = unpack(redis.call('HMGET', gate_key, 'allowed', 'released'))
  if allowed == '1' then batch = 1 end
  local ready, take_turns = in_turns(now, order.most)
  if ready == 0 then ready = redis.call('ZCOUNT', lane .. ':due', '-inf', now) end
  local count = ready
  if ready > requests then
    if batch > 1 then
      -- A job that has no place is not filled yet: what comes in meanwhile goes with it.
      requests = math.min(requests, free_places(now, order.places))
      if requests == 0 then return { 'wait', GATE.look_for_place_ms } end
    end
    count = math.min(ready, requests * batch, order.most)
    -- A job that is not full waits a little where it is requests that are scarce, not places in this process.
    local waits = order.gather - (now - tonumber(first[2]))
    if requests < wanted and ready < batch and batch > 1 and waits > 0 then return { 'wait', math.ceil(waits) } end
  end

  local claims = {}
  local ids = take_turns and take_turns(count)
    or redis.call('ZRANGEBYSCORE', lane .. ':due', '-inf', now, 'LIMIT', 0, count)
  for at, id in ipairs(ids) do claims[at] = claim_record(id, micros, order, released) end
  local left_due = redis.call('ZCOUNT', lane .. ':due', '-inf', now)
  return { 'claimed', requests, spend(micros, order.per_minute, requests, order.pass_ms), left_due, unpack(claims) }
end
