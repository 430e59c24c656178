-- Gives a claimed record back unwritten, to be claimed again later. It takes newer changes in meanwhile.
--
-- ARGV  id, fencing token, delay (ms), attempts to count (0 or 1)
-- Returns  'lost' or 'waiting'
-- Keeps true: a hold spends no attempt and keeps the record's place in the line (delay 0).
local id, fence, delay, attempts = take(), take(), take_number(), take_number()
local pending_key = lane .. ':p:' .. id
if redis.call('HGET', pending_key, '@fence') ~= fence then return 'lost' end
local now = math.floor(now_micros() / 1000)
if attempts > 0 then
  redis.call('HINCRBY', pending_key, '@attempts', attempts)
  redis.call('HSETNX', pending_key, '@failing', now)
end
redis.call('HDEL', pending_key, '@fence', '@during', '@deleted')
local due = now + delay
if delay == 0 then due = redis.call('HGET', pending_key, '@since') or now end
redis.call('ZADD', lane .. ':due', 'XX', due, id)
return 'waiting'
