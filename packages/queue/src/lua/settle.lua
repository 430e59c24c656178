-- The destination confirmed what claims sent: of each, moves exactly that from pending to the ledger, counts the
-- outcomes, and gives the record back. Many in one run cost Redis and the worker far less than a run for each.
--
-- ARGV  ordering horizon (ms), journal length, how many claims, and of each:
--       id, fencing token, part ('delete' | 'fields': what is left goes out with the next claim),
--       stamp of the delete (part delete), how many fields, then field, stamp, … (part fields),
--       how many tally rows, then source, outcome, count, …, how many digests of values, then field, digest, …
-- Returns  a word for each claim, in their order:
--          'lost'   the claim is over, or another worker's by now; nothing changed. So it is when a connection that broke
--                   before the answer sends the same again
--          'quiet'  settled; nothing is left to send
--          'more'   settled; something came in meanwhile: its doorbell must be rung
-- Keeps true: accepted = outcomes + open; invariants 1 to 3 of state.ts; a dead letter is gone once all
-- that it held was confirmed.
local horizon, journal_length = take_number(), take_number()
local now = math.floor(now_micros() / 1000)

local function take_rows(width)
  local rows = {}
  for i = 1, take_number() * width do rows[i] = take() end
  return rows
end

-- Forgets what was sent, unless something newer stands in its place by now.
local function confirm(pending_key, pending, name, stamp)
  local entry = pending[name]
  if not entry or unpack_entry(entry).stamp ~= stamp then return end
  redis.call('HDEL', pending_key, name)
  pending[name] = nil
end

-- Invariant 2: a delete that came in while newer fields were on their way clears instead.
local function clear_behind(id, pending_key, pending, stamps, tombstone)
  local deletion = pending['@delete']
  local cause = deletion and unpack_entry(deletion) or { change = 0, source = '' }
  local keep = {}
  for name in pairs(pending) do
    if name:sub(1, 2) == 'f:' then keep[name:sub(3)] = true end
  end
  clear_older(id, stamps, tombstone, pack(cause.change, tombstone, cause.source, 'null'), keep)
  redis.call('HDEL', pending_key, '@delete')
end

local function settle(claim)
  local id, part = claim.id, claim.part
  local ledger_key, pending_key, values_key = lane .. ':l:' .. id, lane .. ':p:' .. id, lane .. ':v:' .. id
  local pending = hash(pending_key)
  if pending['@fence'] ~= claim.fence then return 'lost' end

  local stamps, kept = read_ledger(ledger_key)
  if part == 'delete' then
    for field, stamp in pairs(stamps) do
      if not newer(stamp, claim.delete_stamp) then stamps[field] = nil end
    end
    confirm(pending_key, pending, '@delete', claim.delete_stamp)
  end
  for i = 1, #claim.fields, 2 do
    local field, stamp = claim.fields[i], claim.fields[i + 1]
    if newer(stamp, stamps[field]) then stamps[field] = stamp end
    confirm(pending_key, pending, 'f:' .. field, stamp)
  end
  keep_ledger(ledger_key, kept, stamps)

  local tombstone = kept['@tombstone']
  if part == 'fields' and tombstone and lives_after(stamps, tombstone) then
    clear_behind(id, pending_key, pending, stamps, tombstone)
  end
  redis.call('PEXPIRE', ledger_key, horizon)

  for i = 1, #claim.tally, 3 do
    local source, outcome, by = claim.tally[i], claim.tally[i + 1], tonumber(claim.tally[i + 2])
    finish(id, outcome, source, by)
    journal(journal_length, 'record', id, 'source', source, 'outcome', outcome, 'count', by)
  end

  -- What the destination now holds, where it is to be remembered.
  if part == 'delete' then redis.call('DEL', values_key) end
  if #claim.digests > 0 then
    redis.call('HSET', values_key, unpack(claim.digests))
    redis.call('PEXPIRE', values_key, horizon)
  end

  if not rest(id) then return 'quiet' end
  local since = pending['@during'] or now
  redis.call('HDEL', pending_key, '@fence', '@during', '@attempts', '@failing', '@dead')
  redis.call('HDEL', lane .. ':dead', id)
  redis.call('HSET', pending_key, '@since', since)
  redis.call('ZADD', lane .. ':since', since, id)
  redis.call('ZADD', lane .. ':due', now, id)
  return 'more'
end

local words = {}
for each = 1, take_number() do
  words[each] = settle({
    id = take(),
    fence = take(),
    part = take(),
    delete_stamp = take(),
    fields = take_rows(2),
    tally = take_rows(3),
    digests = take_rows(2),
  })
end
return words
