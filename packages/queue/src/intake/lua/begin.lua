-- Begins with the intake, or goes on after a reconnect: answers the facts that a door must know before it gives an arrival.
--
-- KEYS[1]  the intake's tag, `{sluice:intake}`; every key begins with it:
--   :arrival         the highest arrival that any door has given (µs)      :sessions   the highest number of a door
--   :bytes, :webhooks  how much waits to be understood                         :format     version of this state
--   :doors           hash, door -> its number, the last job that it added (counted from 1), when (ms)
-- ARGV  format that the caller knows, the caller's own number (0: it has none yet), the door ('' for none: a worker), how many doors
--       are remembered
-- Returns  format that is kept, seconds and microseconds of Redis' clock, highest arrival, the door's number, bytes that wait,
--          the last job of this door that is known here (0: none). The format alone, when it is a newer one: nothing was done
-- Keeps true: two doors never have one number, also when this state went back to an older one.
local tag = KEYS[1]
local known, own = tonumber(ARGV[1]), tonumber(ARGV[2])
local format = tonumber(redis.call('GET', tag .. ':format') or known)
if format > known then return { format } end
local time = redis.call('TIME')
redis.call('SET', tag .. ':format', known)
local last = tonumber(redis.call('GET', tag .. ':sessions') or 0)
local door, session, added = ARGV[3], own, 0
local flat = door == '' and {} or redis.call('HGETALL', tag .. ':doors')
local oldest, oldest_at
for i = 1, #flat, 2 do
  local number, job, at = flat[i + 1]:match('^(%d+) (%d+) (%d+)$')
  if flat[i] == door then added = tonumber(job) end
  -- In a state that went back another door may have been given this number meanwhile.
  if flat[i] ~= door and tonumber(number) == own then session = 0 end
  last = math.max(last, tonumber(number))
  if flat[i] ~= door and (not oldest_at or tonumber(at) < oldest_at) then oldest, oldest_at = flat[i], tonumber(at) end
end
if session == 0 then session = last + 1 end
if oldest and #flat / 2 > tonumber(ARGV[4]) then redis.call('HDEL', tag .. ':doors', oldest) end
if door ~= '' then
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('HSET', tag .. ':doors', door, string.format('%.0f %.0f %.0f', session, added, now))
end
if session > last then redis.call('SET', tag .. ':sessions', session) end
local arrival = redis.call('GET', tag .. ':arrival') or '0'
return { format, time[1], time[2], arrival, session, tonumber(redis.call('GET', tag .. ':bytes') or 0), added }
