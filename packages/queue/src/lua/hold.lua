-- Holds the lane: nothing of it is claimed, by nobody, until the time is over. A hold is never shortened.
--
-- ARGV  how long (ms), reason
-- Returns  ms left of the hold that stands
local for_ms, reason = take_number(), take()
local left = redis.call('PTTL', lane .. ':hold')
if left >= for_ms then return left end
redis.call('SET', lane .. ':hold', reason, 'PX', for_ms)
return for_ms
