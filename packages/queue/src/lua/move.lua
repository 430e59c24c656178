-- uses: record
-- Moves records of a lane that nobody serves any more into this one, each whole and at once: the confirmed stamps, the pending changes
-- and the dead letter join those of this lane by the merge rule, and are gone from the other. The books go along: changes that were
-- open there are accepted and open here.
--
-- ARGV  tag of the lane that is left, ordering horizon (ms), how many ids, then the ids: of records, or of events' dead letters
-- Returns  a word for each: 'moved', 'doubtful' (moved; the destination may hold an older value, written from here before this lane
--          knew better), 'none' (nothing is known of it there), or for how long (ms) a request with it may be under way: the
--          record stays where it is until then
-- Keeps true: accepted = outcomes + open in both lanes; invariants 1 to 3 of state.ts; a token only grows; a job that carries a
-- record is followed on.
local left = take()
horizon = take_number()
local now = math.floor(now_micros() / 1000)
local JOB_LOOK_MS = 1000

local function later(a, b)
  if not a or (b and newer(b, a)) then return b end
  return a
end

local function due_of(tag, id) return tonumber(redis.call('ZSCORE', tag .. ':due', id)) end

-- Moves the changes' numbers behind those of the other lane: by them a job tells which part of a record it carries.
local function shift(pending, by)
  local shifted = {}
  for name, value in pairs(pending) do
    if name == '@delete' or name:sub(1, 2) == 'f:' then
      local entry = unpack_entry(value)
      if entry.change > 0 then entry.change = entry.change + by end
      shifted[name] = pack(entry.change, entry.stamp, entry.source, entry.value)
    elseif name:sub(1, 2) == 'e:' then
      shifted['e:' .. (tonumber(name:sub(3)) + by)] = value
    else
      shifted[name] = value
    end
  end
  shifted['@change'] = (tonumber(pending['@change']) or 0) + by
  return shifted
end

-- Joins the pending changes of both lanes; `theirs` come from the other one. Values older than the ledger's, and deleted ones, are
-- left out.
local function join(ours, theirs, stamps, tombstone, is_crossed)
  local joined, lives = {}, tombstone and lives_after(stamps, tombstone)
  for _, side in ipairs({ ours, theirs }) do
    for name, value in pairs(side) do
      local kind = name:sub(1, 2)
      if kind == 'f:' then
        local held = joined[name]
        if not held or newer(stamp_of(value), stamp_of(held)) then joined[name] = value end
      elseif kind == 'o:' then
        joined[name] = (tonumber(joined[name]) or 0) + tonumber(value)
      elseif kind == 'e:' then
        joined[name] = value
      end
    end
  end
  local deletion
  for _, side in ipairs({ ours, theirs }) do
    local entry = side['@delete']
    if entry and stamp_of(entry) == tombstone then deletion = entry end
  end
  local cause = deletion and unpack_entry(deletion) or { change = 0, source = '' }
  local cleared = tombstone and pack(cause.change, tombstone, cause.source, 'null')
  for name, value in pairs(joined) do
    if name:sub(1, 2) == 'f:' then
      local field, stamp = name:sub(3), stamp_of(value)
      if not newer(stamp, stamps[field]) then
        joined[name] = nil
      elseif tombstone and not newer(stamp, tombstone) then
        -- A value older than the delete may have reached the destination in a write that was never confirmed.
        if not lives or field == NAME then
          joined[name] = nil
        elseif stamp ~= tombstone then
          joined[name] = cleared
        end
      end
    end
  end
  if lives then
    for field, stamp in pairs(stamps) do
      if field ~= NAME and newer(tombstone, stamp) and not joined['f:' .. field] then joined['f:' .. field] = cleared end
    end
  elseif deletion or is_crossed then
    joined['@delete'] = deletion or cleared
  end
  for _, side in ipairs({ ours, theirs }) do
    for name, stamp in pairs(side) do
      local entry = name:sub(1, 2) == 'a:' and joined['f:' .. name:sub(3)]
      if entry and stamp_of(entry) == stamp then joined[name] = stamp end
    end
  end
  return joined
end

-- Whether the other lane's delete is newer than a field that this one has confirmed: the record was written again since.
local function crosses(stamps, kept, tombstone)
  if not tombstone or kept['@tombstone'] == tombstone then return false end
  for _, stamp in pairs(stamps) do
    if newer(tombstone, stamp) then return true end
  end
  return false
end

-- Whether this lane has written, or is writing, an older value of a field than the other one had confirmed.
local function wrote_older(their_stamps, stamps, ours, flies)
  for field, stamp in pairs(their_stamps) do
    if stamps[field] and newer(stamp, stamps[field]) then return true end
    local flown = flies and ours['f:' .. field]
    if flown and newer(stamp, stamp_of(flown)) then return true end
  end
  return false
end

local function keep_confirmed(id, ours, kept, stamps, tombstone, fence, ttl)
  local key = lane .. ':l:' .. id
  keep_ledger(key, kept, stamps)
  if tombstone then redis.call('HSET', key, '@tombstone', tombstone) end
  if fence > 0 then redis.call('HSET', key, '@fence', string.format('%.0f', fence)) end
  redis.call('PEXPIRE', key, math.max(ttl, redis.call('PTTL', key), ttl < 0 and horizon or 0, 1))
  -- The destination's value is known only where one lane alone has written.
  if next(ours) or next(kept) then
    redis.call('DEL', lane .. ':v:' .. id)
  elseif redis.call('EXISTS', left .. ':v:' .. id) == 1 then
    redis.call('RENAME', left .. ':v:' .. id, lane .. ':v:' .. id)
  end
end

local function forget_there(id)
  redis.call('DEL', left .. ':l:' .. id, left .. ':p:' .. id, left .. ':v:' .. id)
  for _, name in ipairs({ ':due', ':since', ':doubtful' }) do redis.call('ZREM', left .. name, id) end
  drop_letter(left, id)
end

local function move(id)
  local their_stamps, their_kept = read_ledger(left .. ':l:' .. id)
  local theirs, their_due = hash(left .. ':p:' .. id), due_of(left, id)
  local letter_sources = redis.call('HGET', left .. ':letters', id)
  local letter_micros = letter_sources and redis.call('ZSCORE', left .. ':letters:' .. sources_of(letter_sources)[1], id)
  local letter = redis.call('HGET', left .. ':dead', id)
  local function keep_theirs()
    if redis.call('HEXISTS', lane .. ':dead', id) == 1 then return end
    keep_letter(lane, id, letter, letter_sources or '', letter_micros or now * 1000)
  end
  if not letter and not next(theirs) and not next(their_kept) then return 'none' end
  local waits = lands_within(theirs, their_due, now)
  if waits then return waits end
  local pending_key = lane .. ':p:' .. id
  local ours, our_due = hash(pending_key), due_of(lane, id)
  local flies = ours['@fence'] and our_due and (ours['@job'] or lands_within(ours, our_due, now))
  if flies and theirs['@job'] then return JOB_LOOK_MS end

  local stamps, kept = read_ledger(lane .. ':l:' .. id)
  local tombstone = later(kept['@tombstone'], their_kept['@tombstone'])
  local is_crossed = crosses(stamps, kept, tombstone) or crosses(their_stamps, their_kept, tombstone)
  local is_doubtful = wrote_older(their_stamps, stamps, ours, flies)
  for field, stamp in pairs(their_stamps) do stamps[field] = later(stamps[field], stamp) end
  local fence = math.max(tonumber(kept['@fence']) or 0, tonumber(their_kept['@fence']) or 0)
  if next(their_kept) then
    keep_confirmed(id, ours, kept, stamps, tombstone, fence, redis.call('PTTL', left .. ':l:' .. id))
  end

  for name, value in pairs(theirs) do
    local open = name:sub(1, 2) == 'o:' and tonumber(value)
    if open then
      redis.call('HINCRBY', left .. ':counts', 'open:' .. name:sub(3), -open)
      redis.call('HINCRBY', left .. ':counts', 'accepted:' .. name:sub(3), -open)
      count('open', name:sub(3), open)
      count('accepted', name:sub(3), open)
    end
  end
  if theirs['@job'] then
    ours = shift(ours, tonumber(theirs['@change']) or 0)
  else
    theirs = shift(theirs, tonumber(ours['@change']) or 0)
  end
  local joined = join(ours, theirs, stamps, tombstone, is_crossed)
  -- The flight that goes on is kept, and the failures of the lane that has any.
  local flown = (flies or ours['@fence'] or not (theirs['@fence'] or theirs['@attempts'])) and ours or theirs
  for _, name in ipairs(FLIGHT) do joined[name] = flown[name] end
  joined['@posted'] = ours['@posted'] or theirs['@posted']
  joined['@silent'] = ours['@silent']
  for _, name in ipairs({ '@key', '@dead', '@parked' }) do joined[name] = ours[name] or theirs[name] end
  joined['@change'] = math.max(tonumber(ours['@change']) or 0, tonumber(theirs['@change']) or 0)
  local since = math.min(tonumber(ours['@since']) or now, tonumber(theirs['@since']) or now)
  joined['@since'] = since
  local their_since = tonumber(redis.call('ZSCORE', left .. ':since', id))
  local our_since = tonumber(redis.call('ZSCORE', lane .. ':since', id))
  -- A delete is not sent again where nobody knows the record's key any more.
  if is_crossed and not joined['@key'] then is_doubtful = true end
  if is_doubtful or redis.call('ZSCORE', left .. ':doubtful', id) then redis.call('ZADD', lane .. ':doubtful', now, id) end
  forget_there(id)
  local word = is_doubtful and 'doubtful' or 'moved'

  if not joined['@key'] then
    -- A ledger alone, or the letter of an event.
    if letter then keep_theirs() end
    return word
  end
  redis.call('DEL', pending_key)
  if not flies and not has_work(joined) then
    quieten(id, joined)
    return word
  end
  local flat = {}
  for name, value in pairs(joined) do flat[#flat + 1], flat[#flat + 2] = name, value end
  redis.call('HSET', pending_key, unpack(flat))
  redis.call('PERSIST', lane .. ':l:' .. id)
  if letter and joined['@dead'] then keep_theirs() end
  local live = live_and_aside(joined)
  if flies then
    redis.call('HSETNX', pending_key, '@during', since)
  elseif their_due or our_due or (is_crossed and live) then
    falls_due(id, math.min(their_due or our_due or now, our_due or their_due or now), joined)
  end
  if their_since or our_since then
    redis.call('ZADD', lane .. ':since', math.min(their_since or now, our_since or now), id)
  end
  return word
end

local words = {}
for i = 1, take_number() do words[i] = move(take()) end
redis.call('PUBLISH', lane .. ':bell', '')
return counted(words)
