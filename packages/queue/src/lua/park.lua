-- uses: record
-- An operator takes a pending record out of the line, or puts it back. While it is out, new changes are merged and nothing is sent.
--
-- ARGV  id, '1' to park it, '' to put it back
-- Returns  'none'  nothing of it is pending, or it is a dead letter; nothing changed
--          'parked', 'waiting'  the record's state from now on; a request that is under way may end
local id, park = take(), take() == '1'
local pending_key = lane .. ':p:' .. id
local due = tonumber(redis.call('ZSCORE', lane .. ':due', id))
if not due then return 'none' end
if park then
  redis.call('HSET', pending_key, '@parked', 1)
else
  redis.call('HDEL', pending_key, '@parked')
end
local pending = hash(pending_key)
-- A flight's lease goes on; a lease that ended while the record was parked left it due at no time.
if not pending['@fence'] or due == PARKED then falls_due(id, math.floor(now_micros() / 1000), pending) end
if park then return 'parked' end
redis.call('PUBLISH', lane .. ':bell', '')
return 'waiting'
