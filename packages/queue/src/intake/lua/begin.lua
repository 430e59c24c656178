-- Begins, or goes on after a reconnect, with the intake: what a door must know before it gives an arrival.
--
-- KEYS[1]  the intake's tag, `{sluice:intake}`; every key begins with it:
--   :arrival         the highest arrival that any door has given (µs)      :sessions   the highest number of a door
--   :bytes, :webhooks  what waits to be understood                         :format     version of this state
-- ARGV  format that the caller knows, the caller's own number (0: it has none yet)
-- Returns  format that is kept, seconds and microseconds of Redis' clock, highest arrival, the door's number, bytes that wait
-- Keeps true: two doors never have one number, also when this state went back to an older one.
local tag = KEYS[1]
local known, own = tonumber(ARGV[1]), tonumber(ARGV[2])
local format = tonumber(redis.call('GET', tag .. ':format') or known)
local time = redis.call('TIME')
if format > known then return { format, time[1], time[2], '0', 0, 0 } end
redis.call('SET', tag .. ':format', known)
local last = tonumber(redis.call('GET', tag .. ':sessions') or 0)
local session = own
if own == 0 then session = last + 1 end
if session > last then redis.call('SET', tag .. ':sessions', session) end
local arrival = redis.call('GET', tag .. ':arrival') or '0'
return { format, time[1], time[2], arrival, session, tonumber(redis.call('GET', tag .. ':bytes') or 0) }
