-- The part of every script that knows the gate: whether, and how many, requests may go to the destination.
--
--   :gate    hash. A hold: hold (why), till (ms; '' for until it is resumed), long (ms, as it was asked for), note (the mark of
--            the credentials that were refused, or the operator's words); released: when the last hold ended (ms).
--            Recovery after it: allowed (requests in flight), good and bad (how those went, since it last grew), level
--            (outages in a row), last_pass (its number), blamed (the record that the destination was held for).
--            mark, m:<worker>: the highest token that was given, to anybody and to that worker. back: the name of the last state
--            that went back for which the lane was held.
--            fences: the mark of the destination that said that it checks tokens.
--            Quota: tokens, at (µs), seen (limit that the destination named), share (of the limit that is used), clean (ms)
--   :passes  sorted set, requests in flight during a recovery -> when they are taken for lost (ms)
--   :jobs    sorted set, jobs that the destination works on -> when they are taken for lost (ms)
--
-- Keeps true: within any 60 s at most `limit` requests are granted: the bucket's size and what flows into
-- it in GATE.window seconds are together less than limit + 1. The two seconds are for requests that set out late.
local gate_key, passes_key, jobs_key = lane .. ':gate', lane .. ':passes', lane .. ':jobs'
local GATE = {
  window = 62,
  burst = 0.05,
  least_share = 0.05,
  lower = 0.7,
  raise = 0.1,
  clean_ms = 60000,
  breaker_ms = 5000,
  breaker_most_ms = 300000,
  flowing = 64,
  look_for_place_ms = 250,
}

-- The gate's hash is read once in a script and written once: a script that knows the gate ends with `gated(answer)`.
local gate, gate_set, gate_gone = nil, {}, {}

local function gate_value(name)
  gate = gate or hash(gate_key)
  return gate[name]
end

-- `value` nil: the field goes.
local function set_gate(name, value)
  gate = gate or hash(gate_key)
  if value ~= nil then value = tostring(value) end
  if gate[name] == value then return end
  gate[name] = value
  gate_set[name], gate_gone[name] = value, value == nil or nil
end

local function gated(answer)
  local set, gone = {}, {}
  for name, value in pairs(gate_set) do set[#set + 1], set[#set + 2] = name, value end
  for name in pairs(gate_gone) do gone[#gone + 1] = name end
  if #set > 0 then redis.call('HSET', gate_key, unpack(set)) end
  if #gone > 0 then redis.call('HDEL', gate_key, unpack(gone)) end
  return answer
end

local function release(at)
  set_gate('hold')
  set_gate('till')
  set_gate('long')
  set_gate('note')
  set_gate('released', at)
end

-- The hold that stands for a worker with these credentials, and the ms that are left of it ('' for no end).
local function hold_of(now, credentials)
  local reason, till = gate_value('hold'), gate_value('till')
  if not reason then return nil end
  if till ~= '' then
    -- A clock that was set back makes no hold longer than it was asked for.
    local long = tonumber(gate_value('long'))
    if long and tonumber(till) - now > long then
      till = now + long
      set_gate('till', till)
    end
    if tonumber(till) <= now then
      release(till)
      return nil
    end
  end
  if reason == 'credentials' and credentials and gate_value('note') ~= credentials then return nil end
  return reason, till == '' and '' or tonumber(till) - now
end

-- Begins the recovery after a hold: one request tries, and the flow comes back 1, 2, 4 … at a time. Requests that were under way
-- before say nothing about it.
local function recover()
  set_gate('allowed', 1)
  set_gate('good', 0)
  set_gate('bad', 0)
  redis.call('DEL', passes_key)
end

-- Holds the lane for `for_ms` ('' for until it is resumed). A hold that lasts longer stands.
local function hold(now, for_ms, reason, note)
  local stands, left = hold_of(now)
  if stands and (left == '' or (for_ms ~= '' and left >= for_ms)) and reason ~= 'operator' then return end
  set_gate('hold', reason)
  set_gate('till', for_ms == '' and '' or string.format('%.0f', now + for_ms))
  set_gate('long', for_ms == '' and '' or for_ms)
  set_gate('note', note)
  recover()
end

-- Holds the lane because the destination is unwell: each time in a row for twice as long.
local function hold_unwell(now)
  if hold_of(now) then return end
  local level = tonumber(gate_value('level')) or 0
  set_gate('level', level + 1)
  hold(now, math.min(GATE.breaker_most_ms, GATE.breaker_ms * 2 ^ math.min(level, 10)), 'breaker', '')
end

-- How many more jobs the destination may be given to work on.
local function free_places(now, places)
  redis.call('ZREMRANGEBYSCORE', jobs_key, '-inf', now)
  return math.max(0, places - redis.call('ZCARD', jobs_key))
end

local function quota(per_minute)
  local seen, share = gate_value('seen'), gate_value('share')
  local limit = math.min(per_minute, tonumber(seen) or per_minute)
  limit = math.max(1, math.floor(limit * (tonumber(share) or 1)))
  local burst = math.max(1, math.floor(limit * GATE.burst))
  return burst, (limit + 1 - burst - 0.01) / GATE.window
end

-- The tokens in the bucket now, with `back` requests that were granted and never sent.
local function fill(micros, per_minute, back)
  local burst, per_second = quota(per_minute)
  local tokens, at = gate_value('tokens'), gate_value('at')
  -- A quota that was said to be used up begins anew within a window; a time further ahead was left by a clock that
  -- has been set back since, and would stop the flow until the clock comes round again.
  at = math.min(tonumber(at) or micros, micros + GATE.window * 1000000)
  tokens = math.min(burst, (tonumber(tokens) or burst) + math.max(0, micros - at) / 1000000 * per_second + back)
  return tokens, per_second, math.max(micros, at)
end

local function keep(tokens, at)
  set_gate('tokens', string.format('%.6f', tokens))
  set_gate('at', string.format('%.0f', at))
end

-- Uses more of the limit again after a while without a 429.
local function raise_share(now)
  local share, clean = gate_value('share'), gate_value('clean')
  if not share or now - (tonumber(clean) or now) < GATE.clean_ms then return end
  share = tonumber(share) + GATE.raise
  if share >= 1 then
    set_gate('share')
    set_gate('clean')
  else
    set_gate('share', string.format('%.3f', share))
    set_gate('clean', now)
  end
end

-- Answers how many of the `wanted` requests may start now; for 0, also in how many ms to ask again.
local function allowance(micros, per_minute, wanted, back)
  local now = math.floor(micros / 1000)
  raise_share(now)
  local tokens, per_second, at = fill(micros, per_minute, back)
  keep(tokens, at)
  local allowed = tonumber(gate_value('allowed'))
  if allowed then
    redis.call('ZREMRANGEBYSCORE', passes_key, '-inf', now)
    local in_flight = redis.call('ZCARD', passes_key)
    if in_flight >= allowed then return 0, 1000 end
    wanted = math.min(wanted, allowed - in_flight)
  end
  if tokens < 1 then return 0, math.ceil((1 - tokens + (at - micros) / 1000000 * per_second) / per_second * 1000) end
  return math.min(wanted, math.floor(tokens)), 0
end

-- How many of the granted requests start for `ready` due records, how many records go with them, and whether in jobs; nil and ms:
-- none now. Records go one by one while there are requests enough; else as many as the requests can carry go at once. `waited`: for
-- how long (ms) the first of the records has been due.
local function portion(now, order, batch, requests, ready, waited)
  if ready <= requests then return requests, ready, false end
  if batch > 1 then
    -- A job that has no place is not filled yet: records that fall due meanwhile go with it.
    requests = math.min(requests, free_places(now, order.places))
    if requests == 0 then return nil, GATE.look_for_place_ms end
    -- A job that is not full waits a little where requests are scarce, not places in this process.
    local waits = order.gather - waited
    if requests < order.wanted and ready < batch and waits > 0 then return nil, math.ceil(waits) end
  end
  return requests, math.min(ready, requests * batch), batch > 1
end

-- Takes the requests that really start from the bucket. Answers the names of their passes; none outside of a recovery.
local function spend(micros, per_minute, requests, pass_ms)
  local tokens, _, at = fill(micros, per_minute, 0)
  keep(tokens - requests, at)
  local passes = {}
  if not gate_value('allowed') then return passes end
  local last = tonumber(gate_value('last_pass')) or 0
  for i = 1, requests do
    passes[i] = string.format('%.0f', last + i)
    redis.call('ZADD', passes_key, math.floor(micros / 1000) + pass_ms, passes[i])
  end
  set_gate('last_pass', string.format('%.0f', last + requests))
  return passes
end
