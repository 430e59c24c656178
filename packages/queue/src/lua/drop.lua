-- uses: record
-- Drops records of a lane that nobody serves any more: open changes end as discarded, and the values parked in a dead letter are
-- accepted and discarded once more, as by discard.lua.
--
-- ARGV  how many, then of each its id and, of an event's dead letter, the event's source ('' for a record)
-- Returns  a word for each: 'dropped', 'none' (nothing is known of it), or for how long (ms) a request with it may be under
--          way: the record stays until then
-- Keeps true: accepted = outcomes + open.
-- Nothing is remembered: the ledger goes at once.
horizon = 0
local now = math.floor(now_micros() / 1000)

local function drop(id, event_source)
  local pending = hash(lane .. ':p:' .. id)
  local due = tonumber(redis.call('ZSCORE', lane .. ':due', id))
  local waits = lands_within(pending, due, now)
  if waits then return waits end
  local parked, is_dead = {}, drop_letter(lane, id) == 1
  if not is_dead and not next(pending) and redis.call('EXISTS', lane .. ':l:' .. id) == 0 then return 'none' end
  if is_dead then
    if event_source ~= '' then parked[event_source] = true end
    if not due then
      for name, packed in pairs(pending) do
        if name == '@delete' or name:sub(1, 2) == 'f:' then parked[unpack_entry(packed).source] = true end
      end
    end
  end
  for source in pairs(parked) do
    count('accepted', source, 1)
    count('discarded', source, 1)
  end
  quieten(id, pending, 'discarded')
  redis.call('DEL', lane .. ':v:' .. id)
  redis.call('ZREM', lane .. ':doubtful', id)
  return 'dropped'
end

local words = {}
for i = 1, take_number() do words[i] = drop(take(), take()) end
return counted(words)
