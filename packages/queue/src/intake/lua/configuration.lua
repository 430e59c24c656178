-- Gives a configuration its number: the same one for as long as it is known, and a higher one than all before it when it is new.
--
-- KEYS[1]  the intake's tag: :configurations  hash, digest -> number     :configuration  the highest
-- ARGV  digest, how many are remembered
-- Returns  the number
local tag = KEYS[1]
local digest, remembered = ARGV[1], tonumber(ARGV[2])
local known = redis.call('HGET', tag .. ':configurations', digest)
if known then return tonumber(known) end
local number = redis.call('INCR', tag .. ':configuration')
redis.call('HSET', tag .. ':configurations', digest, number)
if redis.call('HLEN', tag .. ':configurations') > remembered then
  local all = redis.call('HGETALL', tag .. ':configurations')
  for i = 1, #all, 2 do
    if tonumber(all[i + 1]) <= number - remembered then redis.call('HDEL', tag .. ':configurations', all[i]) end
  end
end
return number
