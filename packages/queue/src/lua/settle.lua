-- uses: record
-- Settles claims whose values the destination confirmed: for each claim, moves exactly those from pending to the ledger, counts the
-- outcomes, and gives the record back. Many claims in one run cost Redis and the worker far less than a run for each.
--
-- ARGV  ordering horizon (ms), how many claims, and of each:
--       id, fencing token, part ('delete' | 'fields': the rest goes out with the next claim),
--       stamp of the delete (part delete), or fields with their stamps (part fields),
--       how many tally rows, then source, outcome, count, …, how many digests of values, then field, digest, …,
--       the number of the record's last change where the claim holds all that was pending then, and the tally all that was open ('': it may not)
-- Returns  a word for each claim, in their order:
--          'lost'   the claim is over, or another worker's by now; nothing changed. A connection that broke before the answer,
--                   and sends the command again, gets it too
--          'quiet'  settled; nothing is left to send
--          'more'   settled; something came in meanwhile: the record is due again
-- Keeps true: accepted = outcomes + open; invariants 1 to 3 of state.ts; a dead letter is gone once all its values were
-- confirmed; fields that are set aside keep it.
horizon = take_number()
local now = math.floor(now_micros() / 1000)

local function take_rows(width)
  local count = take_number()
  if count == 0 then return NONE end
  local rows = {}
  for i = 1, count * width do rows[i] = take() end
  return rows
end

-- Invariant 2: a delete that came in while newer fields were on their way clears instead.
local function clear_behind(id, pending, stamps, tombstone)
  local deletion = pending['@delete']
  local cause = deletion and unpack_entry(deletion) or { change = 0, source = '' }
  local entry, cleared = pack(cause.change, tombstone, cause.source, 'null'), {}
  for field, stamp in pairs(stamps) do
    if field ~= NAME and newer(tombstone, stamp) and not pending['f:' .. field] then
      pending['f:' .. field] = entry
      cleared[#cleared + 1], cleared[#cleared + 2] = 'f:' .. field, entry
    end
  end
  if #cleared > 0 then redis.call('HSET', lane .. ':p:' .. id, unpack(cleared)) end
end

-- Forgets the events and traces of changes that nothing pending came from any more.
local function forget_events(pending, gone)
  local live = {}
  for name, entry in pairs(pending) do
    if name == '@delete' or name:sub(1, 2) == 'f:' then live[tostring(unpack_entry(entry).change)] = true end
  end
  for name, value in pairs(pending) do
    local kind = name:sub(1, 2)
    local number = kind == 'e:' and name:sub(3) or kind == 't:' and value:match('^%d+')
    if number and not live[number] then gone[#gone + 1] = name end
  end
end

-- A record that the claim holds whole, and that nothing came in for since, has nothing left but these members: its fields need not be
-- read. Nil where there may be more: whatever changes a record in flight has a change's number of its own, or is a delete.
local function rest_of_all(pending_key, all_until, tombstone)
  if all_until == '' or tombstone then return nil end
  local kept = redis.call('HMGET', pending_key, '@change', '@fence', '@dead')
  return kept[1] == all_until and { ['@fence'] = kept[2], ['@dead'] = kept[3] or nil } or nil
end

local quiet, is_quiet = {}, {}

local function settle(claim)
  local id, part = claim.id, claim.part
  local ledger_key, pending_key, values_key = lane .. ':l:' .. id, lane .. ':p:' .. id, lane .. ':v:' .. id
  local stamps, kept = read_ledger(ledger_key)
  local tombstone = kept['@tombstone']
  local rest_alone, gone = rest_of_all(pending_key, claim.all_until, tombstone), {}
  local pending = rest_alone or hash(pending_key)
  if is_quiet[id] or pending['@fence'] ~= claim.fence then return 'lost' end

  -- Forgets a pending entry that was sent, unless something newer stands in its place by now.
  local function confirm(name, stamp)
    local entry = pending[name]
    if not entry or stamp_of(entry) ~= stamp then return end
    gone[#gone + 1] = name
    pending[name] = nil
  end

  if part == 'delete' then
    for field, stamp in pairs(stamps) do
      if not newer(stamp, claim.delete_stamp) then stamps[field] = nil end
    end
    confirm('@delete', claim.delete_stamp)
  end
  for i = 1, #claim.fields, 2 do
    local field, stamp = claim.fields[i], claim.fields[i + 1]
    if newer(stamp, stamps[field]) then stamps[field] = stamp end
    if not rest_alone then confirm('f:' .. field, stamp) end
  end
  keep_ledger(ledger_key, kept, stamps)

  if part == 'fields' and tombstone and lives_after(stamps, tombstone) then
    clear_behind(id, pending, stamps, tombstone)
    gone[#gone + 1] = '@delete'
    pending['@delete'] = nil
  end

  local tally = claim.tally
  for i = 1, #tally, 3 do
    local source, by = tally[i], tonumber(tally[i + 2])
    count(tally[i + 1], source, by)
    count('open', source, -by)
    if not rest_alone then pending['o:' .. source] = (tonumber(pending['o:' .. source]) or 0) - by end
  end

  -- Digests of the destination's values now, where they are to be remembered; those of before went with the claim.
  if #claim.digests > 0 then
    redis.call('HSET', values_key, unpack(claim.digests))
    redis.call('PEXPIRE', values_key, horizon)
  end

  local is_live, has_aside = live_and_aside(pending)
  if not is_live and not has_aside then
    quieten(id, pending, nil, quiet)
    is_quiet[id] = true
    return 'quiet'
  end
  if not is_live then
    -- Fields that are set aside stay, with their dead letter; other open changes came too late.
    for name, open in pairs(pending) do
      if name:sub(1, 2) == 'o:' then
        gone[#gone + 1] = name
        if tonumber(open) > 0 then
          count('open', name:sub(3), -open)
          count('superseded', name:sub(3), tonumber(open))
        end
      end
    end
    forget_events(pending, gone)
    for _, name in ipairs(FLIGHT) do gone[#gone + 1] = name end
    redis.call('HDEL', pending_key, '@parked', unpack(gone))
    redis.call('ZREM', lane .. ':due', id)
    redis.call('ZREM', lane .. ':since', id)
    return 'quiet'
  end
  for i = 1, #tally, 3 do
    local name = 'o:' .. tally[i]
    if pending[name] > 0 then
      redis.call('HSET', pending_key, name, pending[name])
    else
      gone[#gone + 1] = name
    end
  end
  forget_events(pending, gone)
  local since = pending['@during'] or now
  for _, name in ipairs(FLIGHT) do
    gone[#gone + 1] = name
    pending[name] = nil
  end
  if pending['@dead'] and not has_aside then
    gone[#gone + 1] = '@dead'
    drop_letter(lane, id)
  end
  redis.call('HDEL', pending_key, unpack(gone))
  redis.call('HSET', pending_key, '@since', since)
  redis.call('ZADD', lane .. ':since', since, id)
  falls_due(id, now, pending)
  return 'more'
end

local words = {}
for each = 1, take_number() do
  local id, fence, part = take(), take(), take()
  words[each] = settle({
    id = id,
    fence = fence,
    part = part,
    delete_stamp = part == 'delete' and take(),
    fields = part == 'fields' and take_stamps() or NONE,
    tally = take_rows(3),
    digests = take_rows(2),
    all_until = take(),
  })
end
if #quiet > 0 then leave(quiet) end
return counted(words)
