-- uses: record
-- Gives a lock back, unless its time was over and another process holds it by now.
--
-- KEYS[1]  the lock (the prelude calls it the lane)
-- ARGV  the name of its holder
-- Returns  'released' or 'lost'
if redis.call('GET', lane) ~= take() then return 'lost' end
redis.call('DEL', lane)
return 'released'
