-- Keeps a letter from leaving for the history while somebody acts on it. Where it is not here, nothing is kept.
--
-- KEYS[1]  the tag of a lane or of the intake
-- ARGV  id
-- Returns  how many there are, 0 or 1
local is_here = redis.call('HEXISTS', KEYS[1] .. ':dead', ARGV[1])
if is_here == 1 then redis.call('HSET', KEYS[1] .. ':brought', ARGV[1], string.format('%.0f', math.floor(now_micros() / 1000))) end
return is_here
