-- How a request went that had a pass: one of a recovery.
--
-- ARGV  pass, 'good' | 'bad' | 'unheard'
-- Returns  'flowing'  no recovery is under way (any more)
--          'recovering'  the flow comes back
--          'held'  it failed: the lane is held again, for longer
local pass, health = take(), take()
local now = math.floor(now_micros() / 1000)
local known = redis.call('ZREM', passes_key, pass) == 1
local allowed, good = unpack(redis.call('HMGET', gate_key, 'allowed', 'good'))
if not allowed then return 'flowing' end
-- A pass of before the last hold says nothing about now.
if not known then return hold_of(now) and 'held' or 'recovering' end
if health == 'bad' then
  hold_unwell(now)
  return 'held'
end
if health == 'good' and not hold_of(now) then
  if tonumber(good) + 1 < tonumber(allowed) then
    redis.call('HINCRBY', gate_key, 'good', 1)
  elseif allowed * 2 < GATE.flowing then
    redis.call('HSET', gate_key, 'allowed', allowed * 2, 'good', 0)
  else
    redis.call('HDEL', gate_key, 'allowed', 'good', 'level')
    redis.call('DEL', passes_key)
    return 'flowing'
  end
end
return 'recovering'
