-- Reads how far the state has come. A new state gets a name.
--
-- KEYS[1]  the intake's tag:
--   :state      hash: id, the state's random name; former, the name that it had before it went back; server, the run id of the Redis
--               server that workers have worked with in this state
--   :arrival    the highest arrival of all doors (µs)
-- ARGV  a name for a state that has none; '' leaves it without one
-- Returns  the name ('' for none), the highest arrival
local tag = KEYS[1]
local id = redis.call('HGET', tag .. ':state', 'id')
if not id and ARGV[1] ~= '' then
  id = ARGV[1]
  redis.call('HSET', tag .. ':state', 'id', id)
end
return { id or '', redis.call('GET', tag .. ':arrival') or '0' }
