-- Admits a group of changes: the one write between a webhook and its acknowledgement.
--
-- ARGV  dedupe window (ms), ordering horizon (ms), journal length, number of changes; then each change:
--         what ('fields' | 'delete' | 'dead'), id of the record (or of the dead letter), source, digest of
--         source + event + record, event id for the journal
--         dead:   the dead letter
--         else:   the record's key as JSON, object, kind of version ('time' | 'integer' | 'arrival'),
--                 version (8 bytes; empty on arrival), rest of the stamp (rank, event id),
--                 and for fields: how many, then field, value as JSON, …
-- Returns a word for each change:
--   'duplicate'   seen within the dedupe window; counted as one
--   'clash'       its version is not of the kind that the object's other versions are; nothing changed
--   'superseded'  counted as accepted and as superseded; at most the tombstone rose
--   'accepted'    open; a doorbell is ringing or the record is being written
--   'ring'        open; the record has just become due: its doorbell must be rung
--   'dead'        counted as accepted and as dead, the letter is kept
-- Keeps true: accepted = outcomes + open, by source; invariants 1 to 3 of state.ts.
local window, horizon, journal_length = take_number(), take_number(), take_number()
local micros = now_micros()
local now = math.floor(micros / 1000)
local slice_ms = math.max(1, math.ceil(window / 4))
local slice = math.floor(now / slice_ms)

local function seen(digest)
  for back = 0, 4 do
    if redis.call('SISMEMBER', lane .. ':seen:' .. (slice - back), digest) == 1 then return true end
  end
  return false
end

local function remember(digest)
  local key = lane .. ':seen:' .. slice
  if redis.call('SADD', key, digest) == 1 and redis.call('SCARD', key) == 1 then
    redis.call('PEXPIRE', key, slice_ms * 6)
  end
end

-- An arrival's version: Redis' clock, but never at or before the record's last one.
local function arrival(ledger_key)
  local last = redis.call('HGET', ledger_key, '@clock')
  local clock = math.max(micros, (tonumber(last) or 0) + 1)
  redis.call('HSET', ledger_key, '@clock', string.format('%.0f', clock))
  local high = math.floor(clock / 4294967296)
  return struct.pack('>I4I4', high + 2147483648, clock - high * 4294967296)
end

-- Only of a source that has a share is it kept what came from it: a backfill's records are claimed by their age.
local shares = hash(lane .. ':shares')

local function opened(change)
  local pending = lane .. ':p:' .. change.id
  count('open', change.source, 1)
  if (tonumber(shares[change.source]) or 0) > 0 then redis.call('ZADD', lane .. ':turn:' .. change.source, 'NX', now, change.id) end
  redis.call('HINCRBY', pending, 'o:' .. change.source, 1)
  redis.call('HSETNX', pending, '@key', change.key)
  redis.call('ZADD', lane .. ':since', 'NX', now, change.id)
  if redis.call('HEXISTS', pending, '@fence') == 1 then redis.call('HSETNX', pending, '@during', now) end
  if redis.call('ZADD', lane .. ':due', 'NX', now, change.id) == 1 then
    redis.call('HSET', pending, '@since', now)
    return 'ring'
  end
  return 'accepted'
end

local function admit_fields(change, fields)
  local ledger, pending = lane .. ':l:' .. change.id, lane .. ':p:' .. change.id
  local names, entries = { '@tombstone' }, { '@change' }
  for i = 1, #fields, 2 do
    names[#names + 1] = fields[i]
    entries[#entries + 1] = 'f:' .. fields[i]
  end
  local confirmed = confirmed_stamps(ledger, names)
  if not newer(change.stamp, confirmed[1]) then return 'superseded' end
  local held = redis.call('HMGET', pending, unpack(entries))
  local number = (tonumber(held[1]) or 0) + 1
  local winners = {}
  for i = 1, #fields / 2 do
    local entry = held[i + 1]
    if newer(change.stamp, confirmed[i + 1]) and (not entry or newer(change.stamp, unpack_entry(entry).stamp)) then
      winners[#winners + 1] = 'f:' .. fields[i * 2 - 1]
      winners[#winners + 1] = pack(number, change.stamp, change.source, fields[i * 2])
    end
  end
  if #winners == 0 then return 'superseded' end
  redis.call('HSET', pending, '@change', number, unpack(winners))
  return opened(change)
end

local function admit_delete(change)
  local ledger_key, pending_key = lane .. ':l:' .. change.id, lane .. ':p:' .. change.id
  local stamps, kept = read_ledger(ledger_key)
  if not newer(change.stamp, kept['@tombstone']) then return 'superseded' end
  redis.call('HSET', ledger_key, '@tombstone', change.stamp)
  redis.call('PEXPIRE', ledger_key, horizon)
  local pending = hash(pending_key)
  local number = (tonumber(pending['@change']) or 0) + 1
  local lives = lives_after(stamps, change.stamp)
  local cleared_entry = pack(number, change.stamp, change.source, 'null')
  local keep, cleared = {}, 0
  for name, entry in pairs(pending) do
    if name:sub(1, 2) == 'f:' then
      local field = name:sub(3)
      if newer(unpack_entry(entry).stamp, change.stamp) then
        keep[field] = true
      elseif lives and field ~= NAME then
        -- It may have reached the destination in a write that was never confirmed.
        redis.call('HSET', pending_key, name, cleared_entry)
        keep[field] = true
        cleared = cleared + 1
      else
        redis.call('HDEL', pending_key, name)
      end
    end
  end
  if lives then
    cleared = cleared + clear_older(change.id, stamps, change.stamp, cleared_entry, keep)
    if cleared == 0 then
      if pending['@key'] and not pending['@fence'] then rest(change.id) end
      return 'superseded'
    end
    redis.call('HSET', pending_key, '@change', number)
  else
    redis.call('HSET', pending_key, '@change', number, '@delete', cleared_entry)
  end
  return opened(change)
end

local statuses, due = {}, false
for each = 1, take_number() do
  local what = take()
  local change = { id = take(), source = take() }
  local digest, event = take(), take()
  local status
  if what == 'dead' then
    local letter = take()
    if seen(digest) then
      status = 'duplicate'
    else
      redis.call('HSET', lane .. ':dead', change.id, letter)
      status = 'dead'
    end
  else
    change.key = take()
    local object, kind, version, tail = take(), take(), take(), take()
    local fields = {}
    if what == 'fields' then
      for i = 1, take_number() * 2 do fields[i] = take() end
    end
    local order = kind == 'arrival' and 'time' or kind
    if seen(digest) then
      status = 'duplicate'
    elseif (redis.call('HGET', lane .. ':kinds', object) or order) ~= order then
      status = 'clash'
    else
      redis.call('HSETNX', lane .. ':kinds', object, order)
      if kind == 'arrival' then version = arrival(lane .. ':l:' .. change.id) end
      change.stamp = version .. tail
      if what == 'fields' then status = admit_fields(change, fields) else status = admit_delete(change) end
      if kind == 'arrival' then redis.call('PEXPIRE', lane .. ':l:' .. change.id, horizon) end
    end
  end
  if status ~= 'duplicate' and status ~= 'clash' then
    remember(digest)
    count('accepted', change.source, 1)
    if status == 'superseded' or status == 'dead' then count(status, change.source, 1) end
    journal(journal_length, 'event', event, 'source', change.source, 'record', change.id, 'status', status)
  end
  -- Counted in Redis, and so a write: what confirms this connection's writes then confirms the first arrival's too.
  if status == 'duplicate' then count('duplicate', change.source, 1) end
  statuses[each] = status
  if status == 'ring' then due = true end
end
-- Idle workers hear of it a round trip before the doorbell reaches them; one that does not has the doorbell.
if due then redis.call('PUBLISH', lane .. ':bell', '') end
return statuses
