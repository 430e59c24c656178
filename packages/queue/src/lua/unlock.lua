-- uses: record
-- Gives a lock back, unless its time was over and it is another's by now.
--
-- KEYS[1]  the lock (the prelude calls it the lane)
-- ARGV  who held it
-- Returns  'released' or 'lost'
if redis.call('GET', lane) ~= take() then return 'lost' end
redis.call('DEL', lane)
return 'released'
