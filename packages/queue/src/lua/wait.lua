-- uses: record gate
-- Ends flights without an outcome: their records are claimed again later, and take newer changes in meanwhile. Many in one run,
-- because a job that fails gives all of its records back at the same moment, and other lanes use this Redis too.
--
-- ARGV  how many claims, and of each: id, fencing token, delay (ms), attempts that are given back (1: nothing was sent, or it
--       was no attempt of the record's own), marks, why ('' for nothing failed), how many records may share the next
--       request at most (0: as before), a token that the destination has seen ('' for none). Marks are letters:
--       `s` the destination may still carry the write out: the record is not due before the lease's end; `b` the
--       destination is held because of this record; `j` a job carries it still, which the next claim follows; `p` a job that was
--       posted may carry it still; `k` this flight waited for such a job, and ends none that was lost before
-- Returns  a word for each claim, in their order: 'lost' or 'waiting'
-- Keeps true: a hold spends no attempt and keeps the record's place in the line (delay 0).
local now = math.floor(now_micros() / 1000)

local wakes = false

-- Only these members are read: a record may have a hundred fields, and a job that failed gives back a hundred records.
local READ = { '@fence', '@attempts', '@failing', '@since', '@parked' }

local function wait(id, fence, delay, back, marks, why, together, newest)
  local pending_key = lane .. ':p:' .. id
  local state, kept = {}, redis.call('HMGET', pending_key, unpack(READ))
  for i, name in ipairs(READ) do state[name] = kept[i] end
  if state['@fence'] ~= fence then return 'lost' end
  -- The next claim's token is higher than a token that the destination has seen: a token only grows.
  if newest ~= '' then
    local ledger = lane .. ':l:' .. id
    local last = tonumber(redis.call('HGET', ledger, '@fence')) or 0
    if tonumber(newest) > last then redis.call('HSET', ledger, '@fence', newest) end
  end
  local is_flying = marks:find('j', 1, true)
  local set, gone = {}, { '@by', '@during' }
  if not marks:find('k', 1, true) then gone[#gone + 1] = '@lost' end
  if not marks:find('[sp]') then gone[#gone + 1] = '@posted' end
  if not is_flying then
    gone[#gone + 1] = '@fence'
    gone[#gone + 1] = '@job'
  end
  local attempts = (tonumber(state['@attempts']) or 0) - back
  if attempts > 0 then
    set[#set + 1], set[#set + 2] = '@attempts', attempts
  else
    gone[#gone + 1] = '@attempts'
  end
  if back == 0 and not state['@failing'] then set[#set + 1], set[#set + 2] = '@failing', now end
  if why ~= '' then set[#set + 1], set[#set + 2] = '@why', why end
  if together > 0 then set[#set + 1], set[#set + 2] = '@together', together end
  local lease = marks:find('s', 1, true) and tonumber(redis.call('ZSCORE', lane .. ':due', id)) or 0
  -- A record whose lease ended while it was parked has waited long enough.
  if lease >= PARKED then lease = 0 end
  if lease > 0 then
    state['@silent'] = lease
    set[#set + 1], set[#set + 2] = '@silent', lease
  end
  if #set > 0 then redis.call('HSET', pending_key, unpack(set)) end
  redis.call('HDEL', pending_key, unpack(gone))
  local due = now + delay
  if delay == 0 then due = tonumber(state['@since']) or now end
  -- The record's sources stand among its members: those are read where sources have shares.
  shares = shares or hash(lane .. ':shares')
  if next(shares) then
    for _, name in ipairs(redis.call('HKEYS', pending_key)) do state[name] = state[name] or true end
  end
  falls_due(id, due, state)
  if marks:find('b', 1, true) then set_gate('blamed', id) end
  -- Another worker is woken: one that gives a record back unsent may be about to stop.
  if due <= now then wakes = true end
  return 'waiting'
end

local words = {}
for i = 1, take_number() do
  local id, fence, delay, back = take(), take(), take_number(), take_number()
  words[i] = wait(id, fence, delay, back, take(), take(), take_number(), take())
end
if wakes then redis.call('PUBLISH', lane .. ':bell', '') end
return gated(words)
