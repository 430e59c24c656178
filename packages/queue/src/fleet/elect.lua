-- Takes a role that nobody has, and prolongs it for its holder alone.
--
-- KEYS[1]  the role. It has no hash tag, so that a cluster runs this by its text: a defined script names other keys too.
-- ARGV  the candidate, its term (ms)
-- Returns  'elected', or 'taken': another one has it
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 'taken' end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 'elected'
