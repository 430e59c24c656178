-- The part of a script that takes a lease on records that are due, and the requests that may write them.
--
-- An order stands in ARGV as: lease (ms), requests per minute, requests that may start in this process,
--       records in one request at most, records in all at most, requests granted before and not sent, mark of
--       the credentials, ms that a request can be in flight, ms that records may be gathered when requests are
--       scarce, whether digests of confirmed values are wanted ('1' or '0'), jobs that may run at a time, the worker's session,
--       the highest token that the worker was answered here, the highest of anybody that it knows of, records that it takes further
--       with requests that it was granted before (0: none were); where the destination has several lanes and grant.lua has granted
--       them, then when its last hold ended (ms, or '') and the record that a probe passes over, or ''
-- Answers  { 'held', ms left ('' for no end), reason }  nothing may be taken now
--          { 'wait', ms }  nothing is due, or no request may start; to be asked again then
--          { 'behind', the worker's highest token here, that of anybody }  the worker knows higher ones: the state went back
--          { 'claimed', requests granted, { pass of a request, … } (in a recovery only), records that are left due, records that
--            these requests can carry further: to be taken with an order of its own,
--            { id, fencing token, everything pending as a flat list, { field, digest, … } }, … }
-- Keeps true: a claim counts as an attempt until its worker says that nothing was sent; a claim that nobody ended counts as failed.
--       A record's later token is larger than its earlier ones, even when the ledger has been forgotten and
-- when Redis' clock has jumped back. A record is claimed only when it is due, so never while leased. Where two sources
-- always have something due, the one with twice the share has twice as many records claimed. No more members of records are read
-- than CLAIM says, but for one record's: a claim holds Redis for less than 5 ms, however many fields records have.
local CLAIM = { members = 3300 }

local function take_order()
  local order = {
    lease = take_number(),
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
    session = take(),
    own = take_number(),
    heard = take_number(),
    further = take_number(),
  }
  if next_argument < #ARGV then
    order.released, order.blamed = take(), take()
  end
  return order
end

-- The highest token of all workers is kept, and that of each worker, for the last MARKS.workers that claimed.
local MARKS = { workers = 64 }

local function mark_of(name)
  return tonumber(gate_value(name)) or 0
end

local function raise_marks(session, token)
  local own = 'm:' .. session
  if not gate_value(own) then
    local oldest, workers = nil, 0
    for name, value in pairs(gate) do
      if name:sub(1, 2) == 'm:' then
        workers = workers + 1
        if not oldest or tonumber(value) < tonumber(gate[oldest]) then oldest = name end
      end
    end
    if workers >= MARKS.workers then set_gate(oldest) end
  end
  set_gate(own, string.format('%.0f', math.max(mark_of(own), token)))
  set_gate('mark', string.format('%.0f', math.max(mark_of('mark'), token)))
end

-- A source's due records, one after the other. `:turn:<source>` is put right where it is found wrong, so that each wrong entry
-- costs once, and a record that is leased or waits for a retry hides nobody.
local TURN_PAGE = 64
local function due_from(source, now)
  local turn, page, at = lane .. ':turn:' .. source, {}, 0
  local passed = 0
  return function()
    while true do
      at = at + 1
      if at > #page then
        page, at = redis.call('ZRANGEBYSCORE', turn, '-inf', now, 'LIMIT', passed, TURN_PAGE), 1
        if #page == 0 then return nil end
      end
      local id = page[at]
      local due = redis.call('ZSCORE', lane .. ':due', id)
      if not due then
        redis.call('ZREM', turn, id)
      elseif tonumber(due) > now then
        redis.call('ZADD', turn, due, id)
      else
        passed = passed + 1
        return id
      end
    end
  end
end

-- Answers how many records are due from live sources, as far as is known, and a function that lists so many of them in the order
-- of their shares, with another one that bills the first of them; 0 where nothing is shared out, or only a backfill has something due.
-- Each record costs its source 1/share: the source with the least bill is next, and a source that was idle saves nothing.
local function in_turns(now)
  local weights = redis.call('HGETALL', lane .. ':shares')
  if #weights == 0 then return 0 end
  local bills, sources, all = hash(lane .. ':bills'), {}, 0
  local clock = tonumber(bills['@clock']) or 0
  for i = 1, #weights, 2 do
    local name, weight = weights[i], tonumber(weights[i + 1])
    local due = weight > 0 and redis.call('ZCOUNT', lane .. ':turn:' .. name, '-inf', now) or 0
    if due > 0 then
      local next_id = due_from(name, now)
      local first = next_id()
      if first then
        all = all + due
        local bill = math.max(clock, tonumber(bills[name]) or 0)
        sources[#sources + 1] = { name = name, weight = weight, id = first, next_id = next_id, bill = bill, billed = bill }
      end
    end
  end
  if #sources == 0 then return 0 end
  return all, function(count)
    local ids, owners, taken = {}, {}, {}
    while #ids < count do
      local next_one
      for _, source in ipairs(sources) do
        while source.id and taken[source.id] do source.id = source.next_id() end
        if source.id and (not next_one or source.bill < next_one.bill) then next_one = source end
      end
      if not next_one then break end
      ids[#ids + 1], taken[next_one.id] = next_one.id, true
      owners[#ids] = next_one
      next_one.bill = next_one.bill + 1 / next_one.weight
    end
    return ids, function(records)
      for at = 1, math.min(records, #ids) do
        clock = owners[at].billed
        owners[at].billed = clock + 1 / owners[at].weight
      end
      for _, source in ipairs(sources) do redis.call('HSET', lane .. ':bills', source.name, tostring(source.billed)) end
      redis.call('HSET', lane .. ':bills', '@clock', tostring(clock))
    end
  end
end

-- Takes one record that is due; its lease is added to `leases`. `released`: when the last hold ended (ms). `remembered`: whether
-- confirmed values may be kept of it. Answers nil for a parked record.
local function claim_record(id, micros, order, released, remembered, leases)
  local now = math.floor(micros / 1000)
  local ledger, pending, values = lane .. ':l:' .. id, lane .. ':p:' .. id, lane .. ':v:' .. id
  local flat, state = redis.call('HGETALL', pending), {}
  for i = 1, #flat, 2 do
    if byte(flat[i]) == 64 then state[flat[i]] = flat[i + 1] end
  end
  if state['@parked'] then
    redis.call('ZADD', lane .. ':due', 'XX', PARKED, id)
    return nil
  end
  local last = tonumber(redis.call('HGET', ledger, '@fence')) or 0
  local fence = text(math.max(micros, last + 1))
  redis.call('HSET', ledger, '@fence', fence)
  local attempts = tonumber(state['@attempts']) or 0
  add_member('@fence', fence)
  add_member('@attempts', text(attempts + 1))
  add_member('@by', order.session)
  -- A claim of a record that a posted job may carry only waits for that job: nothing is sent, and its end is nobody's fault.
  local waited = state['@posted'] == '2'
  if state['@posted'] and not waited then add_member('@posted', 2) end
  -- Nobody said how the last flight went: its worker died, or a fault of our own ended it.
  if state['@fence'] and not state['@job'] and not waited then
    add_member('@lost', (tonumber(state['@lost']) or 0) + 1)
    if not state['@failing'] then add_member('@failing', now) end
  end
  -- A hold's time is not the record's own: the deadline of its retries counts from the hold's end.
  if state['@failing'] and released and tonumber(state['@failing']) < tonumber(released) then
    add_member('@failing', released)
    for i = 1, #flat, 2 do
      if flat[i] == '@failing' then flat[i + 1] = released end
    end
  end
  write_members(pending)
  if state['@during'] then redis.call('HDEL', pending, '@during') end
  leases[#leases + 1], leases[#leases + 2] = text(now + order.lease), id
  local confirmed = remembered and redis.call('HGETALL', values) or {}
  -- Once the record may have been sent, nobody knows the destination's values until they are confirmed again: also where the worker
  -- that sends it wants no digests, since another one may want them afterwards.
  if #confirmed > 0 then redis.call('DEL', values) end
  return { id, fence, flat, order.digests and confirmed or {} }
end

local function remembers_any(ids)
  local keys = {}
  for at, id in ipairs(ids) do keys[at] = lane .. ':v:' .. id end
  return #keys > 0 and redis.call('EXISTS', unpack(keys)) > 0
end

-- Chooses the ids that are claimed: in turns where sources have shares, else by age. A probe takes another record than the one
-- that the destination was held for, where there is another. Answers also the function that bills the first of them, in turns.
local function choose(count, now, take_turns, blamed)
  local most, ids, bill = blamed and count + 1 or count, nil, nil
  if take_turns then
    ids, bill = take_turns(most)
  else
    ids = redis.call('ZRANGEBYSCORE', lane .. ':due', '-inf', now, 'LIMIT', 0, most)
  end
  if not blamed then return ids, bill end
  local others = {}
  local function add(candidates)
    for _, id in ipairs(candidates) do
      if id ~= blamed and #others < count then others[#others + 1] = id end
    end
  end
  add(ids)
  -- A record of a backfill tries as well as one whose turn it is.
  if #others == 0 and take_turns then add(redis.call('ZRANGEBYSCORE', lane .. ':due', '-inf', now, 'LIMIT', 0, 2)) end
  return #others > 0 and others or ids, bill
end

local function claim_due(order)
  local micros = now_micros()
  local now = math.floor(micros / 1000)
  local wanted, batch = order.wanted, order.batch
  local reason, left = hold_of(now, order.credentials)
  if reason then return { 'held', left, reason } end
  local first = redis.call('ZRANGE', lane .. ':due', 0, 0, 'WITHSCORES')
  local due_in = first[2] and math.ceil(math.min(60000, first[2] - now)) or 60000
  -- An empty lane is asked often: nothing is changed in it, and so it costs no write.
  if due_in > 0 and order.back == 0 then return { 'wait', due_in } end
  local own, mark = mark_of('m:' .. order.session), mark_of('mark')
  if own < order.own or mark < order.heard then return { 'behind', string.format('%.0f', own), string.format('%.0f', mark) } end
  local goes_on, requests, again = order.further > 0, 0, 0
  if not goes_on then requests, again = allowance(micros, order.per_minute, wanted, order.back) end
  if due_in > 0 then return { 'wait', due_in } end
  if requests == 0 and not goes_on then return { 'wait', again } end

  -- A single record tries whether the destination is well again.
  local probing = gate_value('allowed') == '1'
  if probing then batch = 1 end
  local ready, take_turns = in_turns(now)
  if ready == 0 then ready = redis.call('ZCOUNT', lane .. ':due', '-inf', now) end
  local count, in_jobs = order.further, goes_on
  if not goes_on then
    requests, count, in_jobs = portion(now, order, batch, requests, ready, now - tonumber(first[2]))
    if not requests then return { 'wait', count } end
  end
  count = math.min(ready, count, order.most)

  local claims, leases, highest, looked, members = {}, {}, 0, 0, 0
  local blamed = order.blamed or (probing and not goes_on and gate_value('blamed'))
  local chosen, bill = choose(count, now, take_turns, blamed ~= '' and blamed)
  local remembered = remembers_any(chosen)
  local released = order.released or gate_value('released')
  if released == '' then released = nil end
  for _, id in ipairs(chosen) do
    if members >= CLAIM.members then break end
    looked = looked + 1
    local claim = claim_record(id, micros, order, released, remembered, leases)
    claims[#claims + 1] = claim
    if claim then
      highest = math.max(highest, tonumber(claim[2]))
      members = members + (#claim[3] + #claim[4]) / 2
    end
  end
  if bill then bill(looked) end
  if #leases > 0 then redis.call('ZADD', lane .. ':due', 'XX', unpack(leases)) end
  if highest > 0 then raise_marks(order.session, highest) end
  requests = math.min(requests, #claims)
  local left_due = redis.call('ZCOUNT', lane .. ':due', '-inf', now)
  local passes = goes_on and {} or spend(micros, order.per_minute, requests, order.pass_ms)
  -- Records that go one by one need no further requests than they are granted next.
  local further = in_jobs and #chosen - looked or 0
  return { 'claimed', requests, passes, left_due, further, unpack(claims) }
end
