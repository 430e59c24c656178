-- uses: record
-- An operator sends the dead letter of a record again, as it is or edited. The parked changes have had their outcome, so that
-- a new change is accepted for each source whose values are parked.
--
-- ARGV  id, digits of the replay's number, how many fields to drop, then their names,
--       how many fields to set, then field, value as JSON, …
-- Returns  'gone'      there is no such dead letter; nothing changed
--          'underway'  newer changes came in: the parked values go out with them; nothing changed
--          'empty'     the edit leaves nothing to send; nothing changed
--          'ring'      the record is due, and idle workers were woken
-- Keeps true: accepted = outcomes + open; invariants 1 to 3 of state.ts. An edited value's stamp is that of the value that it
-- replaces with the replay's number behind it (stamp.ts).
local id, run = take(), take()
local pending_key = lane .. ':p:' .. id
if redis.call('HEXISTS', lane .. ':dead', id) == 0 then return 'gone' end
if redis.call('ZSCORE', lane .. ':due', id) then return 'underway' end

-- The stamp with the number of this replay: `|` and `}` begin a tail, and the release before made other tails.
local function rerun(stamp)
  local first = stamp:byte(11)
  if first ~= 124 and first ~= 125 then return stamp .. '~' .. run end
  return stamp:sub(1, first == 125 and 32 or 23) .. run
end

local drop, set = {}, {}
for _ = 1, take_number() do drop['f:' .. take()] = true end
for _ = 1, take_number() do
  local field = take()
  set[field] = take()
end

local parked, newest = {}, nil
for name, packed in pairs(hash(pending_key)) do
  if name == '@delete' or name:sub(1, 2) == 'f:' then
    local entry = unpack_entry(packed)
    if not newest or newer(entry.stamp, newest.stamp) then newest = entry end
    parked[name] = entry
  end
end
if not newest then return 'gone' end
local stamps, kept = read_ledger(lane .. ':l:' .. id)
local edited = {}
for field, value in pairs(set) do
  local cause = parked['f:' .. field] or newest
  local stamp = rerun(cause.stamp)
  if newer(stamp, stamps[field]) and newer(stamp, kept['@tombstone']) then
    edited['f:' .. field] = { stamp = stamp, source = cause.source, value = value }
  end
end
for name in pairs(drop) do parked[name] = nil end
for name, entry in pairs(edited) do parked[name] = entry end
if not next(parked) then return 'empty' end

local sources = {}
for _, entry in pairs(parked) do sources[entry.source] = true end
local ordered = {}
for source in pairs(sources) do ordered[#ordered + 1] = source end
table.sort(ordered, function(a, b) return newer(b, a) end)

local now = math.floor(now_micros() / 1000)
local number = tonumber(redis.call('HGET', pending_key, '@change')) or 0
for name in pairs(drop) do redis.call('HDEL', pending_key, name) end
for _, source in ipairs(ordered) do
  number = number + 1
  for name, entry in pairs(parked) do
    if entry.source == source then
      redis.call('HSET', pending_key, name, pack(number, entry.stamp, source, entry.value))
    end
  end
  redis.call('HINCRBY', pending_key, 'o:' .. source, 1)
  count('accepted', source, 1)
  count('open', source, 1)
end
redis.call('HSET', pending_key, '@change', number, '@since', now)
redis.call('HDEL', pending_key, '@dead', '@attempts', '@failing', '@why')
for name in pairs(hash(pending_key)) do
  if name:sub(1, 2) == 'a:' then redis.call('HDEL', pending_key, name) end
end
drop_letter(lane, id)
redis.call('ZADD', lane .. ':since', now, id)
falls_due(id, now, hash(pending_key))
redis.call('PUBLISH', lane .. ':bell', '')
return counted('ring')
