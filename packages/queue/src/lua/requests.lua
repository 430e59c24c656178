-- uses: record
-- Gives back, keeps and takes permits that the whole fleet has for requests in flight.
--
-- ARGV  permits in all, how long one is kept unless it is asked for again (ms), how many are given back and their names, how many are
--       kept and their names, then the names of new ones …
-- Returns  how many of the new ones were taken: the first of them
-- Keeps true: no more are out than there are, whoever died or asked again for an answer that was lost.
local most, keep_ms = take_number(), take_number()
local key, now = lane .. ':requests', math.floor(now_micros() / 1000)
local till = now + keep_ms
for _ = 1, take_number() do redis.call('ZREM', key, take()) end
redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
-- A permit that ended meanwhile may be another's by now: its request is under way all the same.
for _ = 1, take_number() do redis.call('ZADD', key, 'XX', till, take()) end
local out, taken = redis.call('ZCARD', key), 0
while next_argument < #ARGV do
  local name = take()
  if not redis.call('ZSCORE', key, name) then
    if out >= most then break end
    out = out + 1
  end
  redis.call('ZADD', key, till, name)
  taken = taken + 1
end
return taken
