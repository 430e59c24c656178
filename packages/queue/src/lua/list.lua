-- uses: record
-- Lists records for people: those with something pending, the longest pending first, or the parked ones.
--
-- ARGV  'pending' or 'parked', how many at most
-- Returns  { { now (ms), since when (ms), when it is due, { @key, @attempts, @why, @fence } }, … }
local which, most = take(), take_number()
local now, found = math.floor(now_micros() / 1000), {}
local ids = which == 'parked' and redis.call('ZRANGEBYSCORE', lane .. ':due', PARKED, '+inf', 'LIMIT', 0, most)
  or redis.call('ZRANGE', lane .. ':since', 0, most - 1)
for _, id in ipairs(ids) do
  local due, since = redis.call('ZSCORE', lane .. ':due', id), redis.call('ZSCORE', lane .. ':since', id)
  local meta = redis.call('HMGET', lane .. ':p:' .. id, '@key', '@attempts', '@why', '@fence')
  -- A dead letter's record is in no line.
  if due and meta[1] then found[#found + 1] = { now, since or due, due, meta } end
end
return found
