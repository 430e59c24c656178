-- Counts the death of a worker at a place of a job, once: the second worker that counts it finds another entry than it expected.
--
-- KEYS[1]  the intake's tag: :working  hash, job -> session:place     :deaths  hash, job:place -> how many died there
-- ARGV  job, the entry that was found, the place in it, the entry that takes its place
-- Returns  1 counted, 0 another worker was faster
local tag = KEYS[1]
if redis.call('HGET', tag .. ':working', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', tag .. ':working', ARGV[1], ARGV[4])
redis.call('HINCRBY', tag .. ':deaths', ARGV[1] .. ':' .. ARGV[3], 1)
return 1
