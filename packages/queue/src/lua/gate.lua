-- The part of every script that knows the gate: whether, and how many, requests may go to the destination.
--
--   :gate    hash. A hold: hold (why), till (ms; '' for until it is resumed), note (the mark of
--            the credentials that were refused, or what the operator said); released: when the last one ended (ms).
--            Recovery after it: allowed (requests in flight), good and bad (how those went, since it last grew), level
--            (outages in a row), last_pass (its number).
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

local function release(at)
  redis.call('HDEL', gate_key, 'hold', 'till', 'note')
  redis.call('HSET', gate_key, 'released', at)
end

-- The hold that stands for a worker with these credentials, and the ms that are left of it ('' for no end).
local function hold_of(now, credentials)
  local held = redis.call('HMGET', gate_key, 'hold', 'till', 'note')
  if not held[1] then return nil end
  if held[2] ~= '' and tonumber(held[2]) <= now then
    release(tonumber(held[2]))
    return nil
  end
  if held[1] == 'credentials' and credentials and held[3] ~= credentials then return nil end
  return held[1], held[2] == '' and '' or tonumber(held[2]) - now
end

-- After a hold one request tries, and the flow comes back 1, 2, 4 … at a time.
local function recover()
  redis.call('HSET', gate_key, 'allowed', 1, 'good', 0, 'bad', 0)
end

-- Holds the lane for `for_ms` ('' for until it is resumed). What lasts longer stands.
local function hold(now, for_ms, reason, note)
  local stands, left = hold_of(now)
  if stands and (left == '' or (for_ms ~= '' and left >= for_ms)) and reason ~= 'operator' then return end
  redis.call('HSET', gate_key, 'hold', reason, 'till', for_ms == '' and '' or now + for_ms, 'note', note)
  recover()
end

-- The destination is unwell: each time in a row it is left alone for twice as long.
local function hold_unwell(now)
  if hold_of(now) then return end
  local level = tonumber(redis.call('HGET', gate_key, 'level')) or 0
  redis.call('HSET', gate_key, 'level', level + 1)
  hold(now, math.min(GATE.breaker_most_ms, GATE.breaker_ms * 2 ^ math.min(level, 10)), 'breaker', '')
end

-- How many more jobs the destination may be given to work on.
local function free_places(now, places)
  redis.call('ZREMRANGEBYSCORE', jobs_key, '-inf', now)
  return math.max(0, places - redis.call('ZCARD', jobs_key))
end

local function quota(per_minute)
  local seen, share = unpack(redis.call('HMGET', gate_key, 'seen', 'share'))
  local limit = math.min(per_minute, tonumber(seen) or per_minute)
  limit = math.max(1, math.floor(limit * (tonumber(share) or 1)))
  local burst = math.max(1, math.floor(limit * GATE.burst))
  return burst, (limit + 1 - burst - 0.01) / GATE.window
end

-- What the bucket holds now, with `back` requests that were granted and never sent.
local function fill(micros, per_minute, back)
  local burst, per_second = quota(per_minute)
  local tokens, at = unpack(redis.call('HMGET', gate_key, 'tokens', 'at'))
  -- A quota that was said to be used up begins anew within a window; what lies further ahead was left by a clock that
  -- has been set back since, and would stop the flow until it comes round again.
  at = math.min(tonumber(at) or micros, micros + GATE.window * 1000000)
  tokens = math.min(burst, (tonumber(tokens) or burst) + math.max(0, micros - at) / 1000000 * per_second + back)
  return tokens, per_second, math.max(micros, at)
end

local function keep(tokens, at)
  redis.call('HSET', gate_key, 'tokens', string.format('%.6f', tokens), 'at', string.format('%.0f', at))
end

-- After a while without a 429 more of the limit is used again.
local function raise_share(now)
  local share, clean = unpack(redis.call('HMGET', gate_key, 'share', 'clean'))
  if not share or now - (tonumber(clean) or now) < GATE.clean_ms then return end
  share = tonumber(share) + GATE.raise
  if share >= 1 then
    redis.call('HDEL', gate_key, 'share', 'clean')
  else
    redis.call('HSET', gate_key, 'share', string.format('%.3f', share), 'clean', now)
  end
end

-- Says how many of `wanted` requests may start now, and else in how many ms to ask again.
local function allowance(micros, per_minute, wanted, back)
  local now = math.floor(micros / 1000)
  raise_share(now)
  local tokens, per_second, at = fill(micros, per_minute, back)
  keep(tokens, at)
  local allowed = tonumber(redis.call('HGET', gate_key, 'allowed'))
  if allowed then
    redis.call('ZREMRANGEBYSCORE', passes_key, '-inf', now)
    local in_flight = redis.call('ZCARD', passes_key)
    if in_flight >= allowed then return 0, 1000 end
    wanted = math.min(wanted, allowed - in_flight)
  end
  if tokens < 1 then return 0, math.ceil((1 - tokens + (at - micros) / 1000000 * per_second) / per_second * 1000) end
  return math.min(wanted, math.floor(tokens)), 0
end

-- Takes the requests that are really to start. Says the names of their passes; none outside of a recovery.
local function spend(micros, per_minute, requests, pass_ms)
  local tokens, _, at = fill(micros, per_minute, 0)
  keep(tokens - requests, at)
  local passes = {}
  if redis.call('HEXISTS', gate_key, 'allowed') == 0 then return passes end
  for i = 1, requests do
    passes[i] = tostring(redis.call('HINCRBY', gate_key, 'last_pass', 1))
    redis.call('ZADD', passes_key, math.floor(micros / 1000) + pass_ms, passes[i])
  end
  return passes
end
