-- Gives a configuration its number: the same one for as long as the configuration is known, and a higher one than all before when it
-- is new.
--
-- KEYS[1]  the intake's tag: :configurations  hash, digest -> number     :configuration  the highest
--          :digests  hash, number -> the digests of its sources, as JSON
-- ARGV  the configuration's digest, how many configurations are remembered, the digests of its sources
-- Returns  the number
local tag = KEYS[1]
local digest, remembered = ARGV[1], tonumber(ARGV[2])
local known = redis.call('HGET', tag .. ':configurations', digest)
local number = known and tonumber(known) or redis.call('INCR', tag .. ':configuration')
redis.call('HSET', tag .. ':digests', number, ARGV[3])
if known then return number end
redis.call('HSET', tag .. ':configurations', digest, number)
if redis.call('HLEN', tag .. ':configurations') > remembered then
  local all = redis.call('HGETALL', tag .. ':configurations')
  for i = 1, #all, 2 do
    if tonumber(all[i + 1]) <= number - remembered then
      redis.call('HDEL', tag .. ':configurations', all[i])
      redis.call('HDEL', tag .. ':digests', all[i + 1])
    end
  end
end
return number
