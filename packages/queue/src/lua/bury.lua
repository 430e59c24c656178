-- uses: record
-- The destination refused a claim's values for good: the record becomes a dead letter. The values stay pending, so that
-- a newer good change takes them along and heals the record.
--
-- ARGV  ordering horizon (ms), id, fencing token, the dead letter, the sources of its events with commas between them, stamp of the delete that was sent (or ''),
--       fields with their stamps, how many tally rows, then source, outcome, count, …,
--       whether these fields alone were refused ('1') and are set aside: the rest is sent without them. The dead
--       letter may be '' then, and the one that there is stays
-- Returns  'lost', 'parked', or 'more': newer changes came in meanwhile, it is due again
-- Keeps true: accepted = outcomes + open; a parked record is neither due nor counted as pending.
horizon = take_number()
local id, fence, letter, letter_sources = take(), take(), take(), take()
local pending_key = lane .. ':p:' .. id
if redis.call('HGET', pending_key, '@fence') ~= fence then return 'lost' end
local micros = now_micros()
local now = math.floor(micros / 1000)

local spent = {}
local function spend(name, stamp)
  local held = redis.call('HGET', pending_key, name)
  local entry = held and unpack_entry(held)
  if entry and entry.stamp == stamp then
    spent[name] = stamp
    redis.call('HSET', pending_key, name, pack(0, entry.stamp, entry.source, entry.value))
  end
end

local delete_stamp = take()
if delete_stamp ~= '' then spend('@delete', delete_stamp) end
local fields = take_stamps()
for i = 1, #fields, 2 do spend('f:' .. fields[i], fields[i + 1]) end
for _ = 1, take_number() do
  local source, outcome, by = take(), take(), take_number()
  finish(id, outcome, source, by)
end

if take() == '1' then
  for name, stamp in pairs(spent) do redis.call('HSET', pending_key, 'a:' .. name:sub(3), stamp) end
else
  -- Fields that were refused as a whole may be mended by the next change: all of them are tried together then.
  for name in pairs(hash(pending_key)) do
    if name:sub(1, 2) == 'a:' then redis.call('HDEL', pending_key, name) end
  end
end

local since = redis.call('HGET', pending_key, '@during') or now
redis.call('HDEL', pending_key, unpack(FLIGHT))
if not rest(id) then return counted('parked') end
redis.call('HSET', pending_key, '@dead', 1)
if letter ~= '' then keep_letter(lane, id, letter, letter_sources, micros) end
local names = hash(pending_key)
for name in pairs(names) do
  if name:sub(1, 2) == 'o:' then
    redis.call('HSET', pending_key, '@since', since)
    redis.call('ZADD', lane .. ':since', since, id)
    falls_due(id, now, names)
    return counted('more')
  end
end
redis.call('HDEL', pending_key, '@parked')
redis.call('ZREM', lane .. ':due', id)
redis.call('ZREM', lane .. ':since', id)
return counted('parked')
