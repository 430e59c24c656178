-- uses: record
-- The last step of a move: the books of a lane that holds no record any more are added to this one's.
--
-- ARGV  tag of the lane that is left
-- Returns  'more' (something is left in that lane; nothing was done), 'inherited'
-- Keeps true: accepted = outcomes + open in both lanes.
local left = take()
if redis.call('ZCARD', left .. ':due') > 0 or redis.call('HLEN', left .. ':dead') > 0 then return 'more' end
for name, by in pairs(hash(left .. ':counts')) do redis.call('HINCRBY', lane .. ':counts', name, by) end
redis.call('DEL', left .. ':counts')
return 'inherited'
