-- Reads how far the state has come. A new state gets a name. The lanes' tokens are kept here beside the lanes: of a cluster another server has
-- these, and a process that comes after the last one that knew them is told of them.
--
-- KEYS[1]  the intake's tag:
--   :state      hash: id, the state's random name; former, the name that it had before it went back; server, the run id of the Redis
--               server that workers have worked with in this state
--   :arrival    the highest arrival of all doors (µs)
--   :tokens     hash, lane -> the highest of its tokens that any process told
-- ARGV  a name for a state that has none ('' leaves it without one), the name that the caller knows, how long tokens are kept after they were told
--       last (ms), then lane, its highest token that the caller knows, …
-- Returns  the name ('' for none), the highest arrival, then the highest token of each lane that is kept ('0' for none)
-- Keeps true: a kept token was given in the state that has this name.
local tag = KEYS[1]
local id = redis.call('HGET', tag .. ':state', 'id')
if not id and ARGV[1] ~= '' then
  id = ARGV[1]
  redis.call('HSET', tag .. ':state', 'id', id)
end
local answer = { id or '', redis.call('GET', tag .. ':arrival') or '0' }
for at = 4, #ARGV, 2 do
  local lane, token = ARGV[at], ARGV[at + 1]
  local kept = redis.call('HGET', tag .. ':tokens', lane) or '0'
  if id == ARGV[2] and tonumber(token) > tonumber(kept) then
    kept = token
    -- A Redis that takes no writes keeps older ones, which tell less.
    redis.pcall('HSET', tag .. ':tokens', lane, token)
    redis.pcall('PEXPIRE', tag .. ':tokens', ARGV[3])
  end
  answer[#answer + 1] = kept
end
return answer
