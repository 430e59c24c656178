-- What the destination says of its quota.
--
-- ARGV  requests per minute (configured), the limit that it names, how many are left of it, ms until its window
--       starts anew ('' for not said)
-- Returns  'learned'
-- Keeps true: others use the same account, so what is left of it may be less than we think; never more.
local per_minute, limit, remaining, reset = take_number(), take_number(), take_number(), take()
local micros = now_micros()
redis.call('HSET', gate_key, 'seen', limit)
local tokens, _, at = fill(micros, per_minute, 0)
if remaining < 1 and reset ~= '' then at = micros + tonumber(reset) * 1000 end
if remaining < tokens then keep(math.max(0, remaining), at) end
return 'learned'
