-- uses: record opened
-- Clears what the destination may show of changes that a delete supersedes: before the state went back they may have been written, and
-- the delete, which found the record living on, cleared what Redis knew as confirmed.
--
-- ARGV  how many lanes the destination has, ordering horizon (ms), how many changes, and of each: id, key as JSON, stamp, source, event id, how many fields, then field, …
-- Returns  how many changes, which were counted as superseded, are open again
-- Keeps true: accepted = outcomes + open; invariants 1 to 3 of state.ts. A change that is told twice is cleared once.
local lanes = take()
horizon = take_number()
if not is_of(lanes) then return redis.error_reply('LANES') end
local now = math.floor(now_micros() / 1000)
local opened_again, fell_due = 0, false

local function forget(id, key, stamp, source, event, fields)
  local stamps, kept = read_ledger(lane .. ':l:' .. id)
  local tombstone = kept['@tombstone']
  if not tombstone or not newer(tombstone, stamp) or not lives_after(stamps, tombstone) then return end
  local pending_key = lane .. ':p:' .. id
  local pending = hash(pending_key)
  local number = (tonumber(pending['@change']) or 0) + 1
  local entry, write = pack(number, tombstone, source, 'null'), {}
  for _, field in ipairs(fields) do
    if field ~= NAME and not stamps[field] and not pending['f:' .. field] then
      write[#write + 1], write[#write + 2] = 'f:' .. field, entry
    end
  end
  if #write == 0 then return end
  redis.call('HSET', pending_key, '@change', number, 'e:' .. number, event, unpack(write))
  count('superseded', source, -1)
  opened_again = opened_again + 1
  if opened({ id = id, key = key, since = now }, { [source] = 1 }, now, false) then fell_due = true end
end

for _ = 1, take_number() do
  local id, key, stamp, source, event = take(), take(), take(), take(), take()
  local fields = {}
  for at = 1, take_number() do fields[at] = take() end
  forget(id, key, stamp, source, event, fields)
end
if fell_due then redis.call('PUBLISH', lane .. ':bell', '') end
return counted(opened_again)
