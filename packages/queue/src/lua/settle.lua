-- The destination confirmed what a claim sent: moves exactly that from pending to the ledger, counts the
-- outcomes, and gives the record back.
--
-- ARGV  id, fencing token, ordering horizon (ms), journal length, part ('delete' | 'fields'),
--       go on ('1': the claim goes on with its fields, '0': it is over),
--       stamp of the delete (part delete), how many fields, then field, stamp, … (part fields),
--       how many tally rows, then source, outcome, count, …, how many digests of values, then field, digest, …
-- Returns  'lost'   another worker holds the record by now; nothing changed
--          'held'   settled; the claim goes on
--          'quiet'  settled; nothing is left to send
--          'more'   settled; something came in meanwhile: its doorbell must be rung
-- Keeps true: accepted = outcomes + open; invariants 1 to 3 of state.ts; a dead letter is gone once all
-- that it held was confirmed.
local id, fence, horizon, journal_length = take(), take(), take_number(), take_number()
local part, go_on, delete_stamp = take(), take(), take()
local ledger_key, pending_key = lane .. ':l:' .. id, lane .. ':p:' .. id
if redis.call('HGET', pending_key, '@fence') ~= fence then return 'lost' end
local now = math.floor(now_micros() / 1000)

-- A connection that broke before the answer came sends its command again: a claim that goes on still has
-- its token, so that the token alone does not tell that this was settled already.
if go_on == '1' then
  if redis.call('HGET', pending_key, '@deleted') == fence then return 'held' end
  redis.call('HSET', pending_key, '@deleted', fence)
end

local stamps, kept = read_ledger(ledger_key)
if part == 'delete' then
  for field, stamp in pairs(stamps) do
    if not newer(stamp, delete_stamp) then stamps[field] = nil end
  end
  local deletion = redis.call('HGET', pending_key, '@delete')
  if deletion and unpack_entry(deletion).stamp == delete_stamp then redis.call('HDEL', pending_key, '@delete') end
end

for _ = 1, take_number() do
  local field, stamp = take(), take()
  if newer(stamp, stamps[field]) then stamps[field] = stamp end
  local entry = redis.call('HGET', pending_key, 'f:' .. field)
  if entry and unpack_entry(entry).stamp == stamp then redis.call('HDEL', pending_key, 'f:' .. field) end
end
keep_ledger(ledger_key, kept, stamps)

-- Invariant 2: a delete that came in while newer fields were on their way clears instead.
local tombstone = kept['@tombstone']
if part == 'fields' and tombstone and lives_after(stamps, tombstone) then
  local deletion = redis.call('HGET', pending_key, '@delete')
  local cause = deletion and unpack_entry(deletion) or { change = 0, source = '' }
  local keep = {}
  for name in pairs(hash(pending_key)) do
    if name:sub(1, 2) == 'f:' then keep[name:sub(3)] = true end
  end
  clear_older(id, stamps, tombstone, pack(cause.change, tombstone, cause.source, 'null'), keep)
  redis.call('HDEL', pending_key, '@delete')
end
redis.call('PEXPIRE', ledger_key, horizon)

for _ = 1, take_number() do
  local source, outcome, by = take(), take(), take_number()
  finish(id, outcome, source, by)
  journal(journal_length, 'record', id, 'source', source, 'outcome', outcome, 'count', by)
end

-- What the destination now holds, where it is to be remembered.
local values_key = lane .. ':v:' .. id
if part == 'delete' then redis.call('DEL', values_key) end
for _ = 1, take_number() do
  redis.call('HSET', values_key, take(), take())
  redis.call('PEXPIRE', values_key, horizon)
end

if go_on == '1' then return 'held' end
if not rest(id) then return 'quiet' end
local since = redis.call('HGET', pending_key, '@during') or now
redis.call('HDEL', pending_key, '@fence', '@during', '@deleted', '@attempts', '@failing', '@dead')
redis.call('HDEL', lane .. ':dead', id)
redis.call('HSET', pending_key, '@since', since)
redis.call('ZADD', lane .. ':since', since, id)
redis.call('ZADD', lane .. ':due', now, id)
return 'more'
