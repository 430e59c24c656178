-- Tells the clock by which doors give arrivals. It writes nothing, and so waits for no sync of its own.
--
-- KEYS[1]  the intake's tag
-- Returns  highest arrival of all doors, seconds and microseconds of Redis' clock
local time = redis.call('TIME')
return { redis.call('GET', KEYS[1] .. ':arrival') or '0', time[1], time[2] }
