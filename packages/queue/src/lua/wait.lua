-- uses: record
-- Gives claimed records back unwritten, to be claimed again later. They take newer changes in meanwhile. Many in one run, because
-- a job that fails gives all of its records back at the same moment, and other lanes use this Redis too.
--
-- ARGV  how many claims, and of each: id, fencing token, delay (ms), attempts to count (0 or 1)
-- Returns  a word for each claim, in their order: 'lost' or 'waiting'
-- Keeps true: a hold spends no attempt and keeps the record's place in the line (delay 0).
local now = math.floor(now_micros() / 1000)

local nudge = false

local function wait(id, fence, delay, attempts)
  local pending_key = lane .. ':p:' .. id
  if redis.call('HGET', pending_key, '@fence') ~= fence then return 'lost' end
  if attempts > 0 then
    redis.call('HINCRBY', pending_key, '@attempts', attempts)
    redis.call('HSETNX', pending_key, '@failing', now)
  end
  redis.call('HDEL', pending_key, '@fence', '@during')
  local due = now + delay
  if delay == 0 then due = redis.call('HGET', pending_key, '@since') or now end
  redis.call('ZADD', lane .. ':due', 'XX', due, id)
  -- Whoever gives it back unsent may be about to stop.
  if delay == 0 then nudge = true end
  return 'waiting'
end

local words = {}
for i = 1, take_number() do
  local id, fence, delay, attempts = take(), take(), take_number(), take_number()
  words[i] = wait(id, fence, delay, attempts)
end
if nudge then redis.call('PUBLISH', lane .. ':bell', '') end
return words
