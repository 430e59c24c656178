-- Adds the books of a lane that goes to those of the destination's first one, once, however often it is asked.
--
-- KEYS[1]  the tag of the first lane
-- ARGV  the other lane's place, then name, count, …
-- Returns  'added', or 'before': they were added already
local tag = KEYS[1]
if redis.call('HSETNX', tag .. ':added', ARGV[1], 1) == 0 then return 'before' end
for i = 2, #ARGV, 2 do redis.call('HINCRBY', tag .. ':counts', ARGV[i], ARGV[i + 1]) end
return 'added'
