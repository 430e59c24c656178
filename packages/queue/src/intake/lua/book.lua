-- Books a job that was understood: its events by source and result, its letters, and that it no longer waits. Once, whoever asks.
--
-- KEYS[1]  the intake's tag     KEYS[2]  the BullMQ job's own hash, in which `booked` says that it was done
--   :books  hash, <result>:<source> -> events     :dead  hash, id -> dead letter     :working, :deaths  see died.lua
-- ARGV  job, bytes, webhooks, letters that are kept at most, how many letters, then id, letter, …; how many counts, then
--       name, by, …
-- Returns
--   'booked'   now
--   'before'   by an earlier try
--   'gone'     the job was booked, completed and removed by another worker
--   'full'     there is no room for its letters: nothing was done, and it must wait
-- Keeps true: understood = ignored + dead + duplicate + made, by source.
local tag, job_key = KEYS[1], KEYS[2]
local at = 0
local function take()
  at = at + 1
  return ARGV[at]
end
local job, bytes, webhooks, most = take(), tonumber(take()), tonumber(take()), tonumber(take())
if redis.call('EXISTS', job_key) == 0 then return 'gone' end
if redis.call('HEXISTS', job_key, 'booked') == 1 then return 'before' end
local letters = tonumber(take())
if letters > 0 and redis.call('HLEN', tag .. ':dead') + letters > most then return 'full' end
redis.call('HSET', job_key, 'booked', 1)
for _ = 1, letters do
  local id, letter = take(), take()
  redis.call('HSET', tag .. ':dead', id, letter)
end
for _ = 1, tonumber(take()) do
  local name, by = take(), take()
  redis.call('HINCRBY', tag .. ':books', name, by)
end
local function lower(key, by)
  if redis.call('DECRBY', key, by) < 0 then redis.call('SET', key, 0) end
end
lower(tag .. ':bytes', bytes)
lower(tag .. ':webhooks', webhooks)
redis.call('HDEL', tag .. ':working', job)
for place = -2, webhooks - 1 do redis.call('HDEL', tag .. ':deaths', job .. ':' .. place) end
return 'booked'
