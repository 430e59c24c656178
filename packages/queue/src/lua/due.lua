-- How much of a lane is due: a worker asks each lane of a destination before it asks for requests.
--
-- KEYS[1]  the lane's tag
-- Returns  { records that are due, for how long (ms) the first of them has been; below 0: in how long the next falls due }
local due, now = KEYS[1] .. ':due', math.floor(now_micros() / 1000)
local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
local waited = first[2] and math.max(-60000, now - first[2]) or -60000
if waited < 0 then return { 0, math.floor(waited) } end
return { redis.call('ZCOUNT', due, '-inf', now), math.floor(waited) }
