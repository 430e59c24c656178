-- uses: record opened
-- A reconcile found that the destination does not show what it has confirmed: the values are pending once more. The opposite of a
-- settlement: a field with its stamp moves from the ledger back to pending.
--
-- ARGV  how many lanes the destination has, id, key as JSON, how many fields, then field, stamp, source, event id, value as JSON, …
-- Returns  'pending'   something is pending of the record, or under way: that goes first; nothing changed
--          'newer'     something newer was confirmed of each of the fields, or deleted them; nothing changed
--          'repaired'  the record is due
-- Keeps true: accepted = outcomes + open; invariants 1 to 3 of state.ts. What is known of a record, ledger and pending together, never
-- becomes older: a field whose ledger holds something newer, or that is not newer than the tombstone, is left as it is.
local lanes, id, key = take(), take(), take()
if not is_of(lanes) then return redis.error_reply('LANES') end
local ledger_key, pending_key = lane .. ':l:' .. id, lane .. ':p:' .. id
if redis.call('EXISTS', pending_key) == 1 or redis.call('ZSCORE', lane .. ':due', id) then return 'pending' end
local stamps, kept = read_ledger(ledger_key)
local tombstone = kept['@tombstone']
local taken, events, sources = {}, {}, {}
for _ = 1, take_number() do
  local field = take()
  local stamp, source, event, value = take(), take(), take(), take()
  local confirmed = stamps[field]
  local live = newer(stamp, tombstone or nil) or (stamp == tombstone and value == 'null')
  if live and not (confirmed and newer(confirmed, stamp)) then
    if confirmed == stamp then stamps[field] = nil end
    taken[field] = { stamp = stamp, source = source, value = value }
    sources[source], events[source] = true, event
  end
end
if not next(taken) then return 'newer' end
keep_ledger(ledger_key, kept, stamps)

local ordered, opens = {}, {}
for source in pairs(sources) do ordered[#ordered + 1] = source end
table.sort(ordered, function(a, b) return newer(b, a) end)
local write = { '@change', #ordered }
for number, source in ipairs(ordered) do
  for field, each in pairs(taken) do
    if each.source == source then
      write[#write + 1], write[#write + 2] = 'f:' .. field, pack(number, each.stamp, source, each.value)
    end
  end
  write[#write + 1], write[#write + 2] = 'e:' .. number, events[source]
  count('accepted', source, 1)
  opens[source] = 1
end
redis.call('HSET', pending_key, unpack(write))
-- Digests of what was confirmed would spare the destination the write.
redis.call('DEL', lane .. ':v:' .. id)
redis.call('ZREM', lane .. ':doubtful', id)
local now = math.floor(now_micros() / 1000)
opened({ id = id, key = key, since = now }, opens, now, false)
redis.call('PUBLISH', lane .. ':bell', '')
return counted('repaired')
