-- Books a job that was understood: its events by source and result, its letters, and that it no longer waits. A job is booked once,
-- however many workers ask.
--
-- KEYS[1]  the intake's tag     KEYS[2]  the BullMQ job's own hash, in which `booked` says that the job was booked
--   :books  hash, <result>:<source> -> events     :dead  hash, id -> dead letter     :working, :deaths  see died.lua
--   :types:<day>:<source>  hash, type -> 'made duplicate ignored dead last', kept for as long as it is told
-- ARGV  job, bytes, webhooks, letters of unreadable jobs that are kept at most, how many letters, then id, letter, its sources
--       with commas between them ('' for an unreadable job), …; how many counts, then name, by, …;
--       now in ms, types that are counted of a source in a day at most, for how many ms they are kept, how many types, then the key of
--       source and day, type, made, duplicate, ignored, dead, …
-- Returns
--   'booked'   now
--   'before'   by an earlier try
--   'gone'     the job was booked, completed and removed by another worker
--   'full'     there is no room for the letter of an unreadable job, whose source nobody knows: nothing was done, the job must wait
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
local kept, nameless = {}, 0
for i = 1, letters do
  kept[i] = { id = take(), text = take(), said = take() }
  if kept[i].said == '' then nameless = nameless + 1 end
end
if nameless > 0 and redis.call('ZCARD', tag .. ':letters:') + nameless > most then return 'full' end
redis.call('HSET', job_key, 'booked', 1)
local time = redis.call('TIME')
for i, letter in ipairs(kept) do
  keep_letter(tag, letter.id, letter.text, letter.said, time[1] * 1000000 + time[2] + i)
end
for _ = 1, tonumber(take()) do
  local name, by = take(), take()
  redis.call('HINCRBY', tag .. ':books', name, by)
end
local now, most_types, keep = take(), tonumber(take()), tonumber(take())
for _ = 1, tonumber(take()) do
  local key, type = take(), take()
  local said = redis.call('HGET', key, type)
  if not said then
    local known = redis.call('HLEN', key)
    if known == 0 then
      redis.call('HSET', key, type, '')
      redis.call('PEXPIRE', key, keep)
    elseif known >= most_types then
      type = 'other'
      said = redis.call('HGET', key, type)
    end
  end
  local counts = {}
  for count in string.gmatch(said or '', '%d+') do counts[#counts + 1] = count end
  for at = 1, 4 do counts[at] = string.format('%d', (counts[at] or 0) + take()) end
  counts[5] = now
  redis.call('HSET', key, type, table.concat(counts, ' '))
end
local function lower(key, by)
  if redis.call('DECRBY', key, by) < 0 then redis.call('SET', key, 0) end
end
lower(tag .. ':bytes', bytes)
lower(tag .. ':webhooks', webhooks)
redis.call('HDEL', tag .. ':working', job)
-- Hardly ever has a worker died at all.
if redis.call('EXISTS', tag .. ':deaths') == 1 then
  local places = {}
  for place = -2, webhooks - 1 do places[#places + 1] = string.format('%s:%d', job, place) end
  redis.call('HDEL', tag .. ':deaths', unpack(places))
end
return 'booked'
