-- uses: record opened gate seen claims
-- Merges changes into the pending ones of their records, once for each delivery, and claims the records that a worker can send at
-- once: one script stands between a webhook that is written down and its request.
--
-- ARGV  dedupe window (ms), length of an old release's slice (ms), how many lanes the destination has, ordering horizon (ms), number of
--       records; of each:
--         id, number of changes, key as JSON, object, kind of version ('time' | 'integer', with '=' where the
--         configuration says it); and of each change:
--           what ('fields' | 'delete' | 'stale' | 'dead'), with marks behind a colon: `r` it is of a run, `t` it was tied, `c` its trace
--           has a context; digest of source, event and record, arrival (8 bytes), run (its digits; marked ones alone), source
--           dead:  the letter; its id stands for the record's, and key, object and kind are empty
--           else:  when it came in (ms)
--           fields, delete: event id, stamp, the context of its trace (marked ones alone)
--           fields: how many, then field, value as JSON, …
--       then a claim's order as claim.lua has it, or nothing
--       The changes of one record are joined: at most one delete, which stands first, then fields, the newest first, no field
--       twice. 'stale': the join left nothing of the change.
-- Returns  { { a word for each change, … } or 'seen', … of each record in their order }, and the claim's answer behind them
--   'seen'        one of several joined changes has been merged before: nothing was done, send them one by one
--   'same'        this very delivery was merged before: nothing was done
--   'duplicate'   another delivery of the event was merged: nothing was done
--   'clash'       the version is of another kind than the object's other versions; nothing was done
--   'superseded'  counted as accepted and as superseded; at most the tombstone rose
--   'accepted'    open; the record is due, claimed, or being written
--   'dead'        counted as accepted and as dead, the letter is kept
-- Keeps true: accepted = outcomes + open, by source; invariants 1 to 3 of state.ts; a delivery is counted once, however
-- often it is read. An error LANES: the lane is of so many, and nothing was merged.
local window, old_slice_ms, lanes = take_number(), take_number(), take()
horizon = take_number()
local micros = now_micros()
local now = math.floor(micros / 1000)
local book = open_seen(now, window, old_slice_ms)
-- A record lives in one lane: a worker that counts them otherwise would open it in another one.
if book.lanes ~= lanes then return redis.error_reply('LANES ' .. book.lanes) end
local kinds_key, kinds = lane .. ':kinds', {}
shares = hash(lane .. ':shares')
local due = 0

-- Answers whether a delivery is new ('new'), was merged itself ('same'), or is another one of a merged event ('duplicate').
local function known_as(change)
  local entry = seen(book, change.digest)
  if not entry then return 'new' end
  if entry == 'old' then return change.run == '' and 'duplicate' or 'new' end
  if entry:sub(1, 8) ~= change.arrival then return 'duplicate' end
  -- A replay is of the very delivery that was merged: that of a repetition would give the change a later arrival.
  return change.run ~= '' and newer(change.run, entry:sub(9)) and 'new' or 'same'
end

-- Whether the version's kind is not the object's. A kind that the configuration says, with `=` behind it, stands from now on,
-- whatever came in first.
local function clashes(object, order)
  if order:sub(-1) == '=' then
    order = order:sub(1, -2)
    if kinds[object] == nil then kinds[object] = redis.call('HGET', kinds_key, object) end
    if kinds[object] ~= order then redis.call('HSET', kinds_key, object, order) end
    kinds[object] = order
    return false
  end
  if kinds[object] == nil then kinds[object] = redis.call('HGET', kinds_key, object) end
  if not kinds[object] then
    redis.call('HSET', kinds_key, object, order)
    kinds[object] = order
  end
  return kinds[object] ~= order
end

-- Whether arrival alone decides between two stamps: `|` and `}` begin the tail, see stamp.ts.
local function before_arrival(stamp)
  return stamp:sub(1, byte(stamp, 11) == 125 and 20 or 11)
end

-- The last comparison is kept, as `newer` keeps its own.
local one, other, ties
local function is_tie(stamp, held)
  if not held or held == stamp then return false end
  if stamp ~= one or held ~= other then
    one, other, ties = stamp, held, before_arrival(stamp) == before_arrival(held)
  end
  return ties
end

-- Names that the next HMGET reads, in one table for all records.
local names, entries = { '@tombstone' }, { '@change', '@key' }
local entry_names = {}
local function entry_name(field)
  local name = entry_names[field] or 'f:' .. field
  entry_names[field] = name
  return name
end

local function merge_fields(record, changes)
  local fields = 0
  for _, change in ipairs(changes) do
    for i = change.first, change.last - 1, 2 do
      fields = fields + 1
      names[fields + 1], entries[fields + 2] = ARGV[i], entry_name(ARGV[i])
    end
  end
  local pending = lane .. ':p:' .. record.id
  local confirmed = confirmed_stamps(lane .. ':l:' .. record.id, names, fields + 1)
  -- Most records are quiet: a look whether they are costs a fraction of reading what none has.
  local held = redis.call('EXISTS', pending) == 1 and redis.call('HMGET', pending, unpack(entries, 1, fields + 2)) or NONE
  local number, is_new = tonumber(held[1]) or 0, not held[2]
  local sources, at, tombstone = {}, 0, confirmed[1]
  for _, change in ipairs(changes) do
    local stamp, won, tied = change.stamp, nil, change.tied or is_tie(change.stamp, tombstone)
    local is_live = newer(stamp, tombstone)
    for i = change.first, change.last - 1, 2 do
      at = at + 1
      local sure, entry = confirmed[at + 1], held[at + 2]
      local wins = is_live
      if sure or entry then
        local waiting = entry and stamp_of(entry)
        tied = tied or is_tie(stamp, sure) or is_tie(stamp, waiting)
        wins = wins and newer(stamp, sure) and newer(stamp, waiting)
      end
      if wins then
        if not won then
          number = number + 1
          won = head(number, stamp, change.source)
        end
        add_member(entries[at + 2], won .. ARGV[i + 1])
      end
    end
    if tied then count('tie', change.source, 1) end
    if won then
      change.word = 'accepted'
      sources[change.source] = (sources[change.source] or 0) + 1
      add_member('e:' .. text(number), change.event)
      if change.trace ~= '' then add_member(trace_entry(number, change.trace)) end
    else
      change.word = 'superseded'
    end
  end
  if not next(sources) then return end
  add_member('@change', text(number))
  if is_new then
    add_member('@key', record.key)
    add_member('@since', text(record.since))
    for source, by in pairs(sources) do add_member('o:' .. source, text(by)) end
  end
  write_members(pending)
  if opened(record, sources, now, is_new) then due = due + 1 end
end

local function merge_delete(record, change)
  local ledger_key, pending_key = lane .. ':l:' .. record.id, lane .. ':p:' .. record.id
  local stamps, kept = read_ledger(ledger_key)
  if change.tied or is_tie(change.stamp, kept['@tombstone']) then count('tie', change.source, 1) end
  if not newer(change.stamp, kept['@tombstone']) then return 'superseded' end
  redis.call('HSET', ledger_key, '@tombstone', change.stamp)
  local pending = hash(pending_key)
  local number = (tonumber(pending['@change']) or 0) + 1
  local lives = lives_after(stamps, change.stamp)
  local cleared_entry = pack(number, change.stamp, change.source, 'null')
  local keep, cleared = {}, 0
  for name, entry in pairs(pending) do
    if name:sub(1, 2) == 'f:' then
      local field = name:sub(3)
      if newer(stamp_of(entry), change.stamp) then
        keep[field] = true
      elseif lives and field ~= NAME then
        -- The field may have reached the destination in a write that was never confirmed.
        redis.call('HSET', pending_key, name, cleared_entry)
        keep[field] = true
        cleared = cleared + 1
      else
        redis.call('HDEL', pending_key, name)
      end
    end
  end
  if lives then
    cleared = cleared + clear_older(record.id, stamps, change.stamp, cleared_entry, keep)
    if cleared == 0 then
      if not pending['@key'] then
        let_ledger_expire(record.id)
      elseif not pending['@fence'] then
        rest(record.id)
      end
      return 'superseded'
    end
    redis.call('HSET', pending_key, '@change', number, 'e:' .. number, change.event)
  else
    redis.call('HSET', pending_key, '@change', number, '@delete', cleared_entry, 'e:' .. number, change.event)
  end
  if change.trace ~= '' then redis.call('HSET', pending_key, trace_entry(number, change.trace)) end
  if opened(record, { [change.source] = 1 }, now, false) then due = due + 1 end
  return 'accepted'
end

-- A change's kind and its marks. There are few of them, and each is read once.
local hows = {}
local function how_of(said)
  local how = hows[said]
  if not how then
    local what, marks = said:match('^(%a+):?(%a*)$')
    how = { what = what, run = marks:find('r'), tied = marks:find('t') ~= nil, trace = marks:find('c') }
    hows[said] = how
  end
  return how
end

local function take_change()
  local how = how_of(take())
  local what = how.what
  local change = {
    what = what,
    digest = take(),
    arrival = take(),
    run = how.run and take() or '',
    source = take(),
    tied = how.tied,
    came = false,
    event = false,
    stamp = false,
    trace = '',
    first = 0,
    last = 0,
    word = false,
  }
  if what == 'dead' then
    change.letter = take()
    return change
  end
  change.came = take_whole()
  if what == 'stale' then return change end
  change.event, change.stamp = take(), take()
  if how.trace then change.trace = take() end
  if what == 'fields' then
    local count = take_number()
    change.first, change.last = next_argument + 1, next_argument + count * 2
    next_argument = change.last
  end
  return change
end

local function take_record()
  local id, count, changes = take(), take_number(), {}
  local record = { id = id, key = take(), object = take(), order = take(), since = now, changes = changes }
  for at = 1, count do changes[at] = take_change() end
  return record
end

local function merge(record)
  local changes = record.changes
  -- Changes of a record that can't be joined come one after the other.
  if entering[record.id] then enter() end
  for _, change in ipairs(changes) do
    local known = known_as(change)
    if known ~= 'new' then return #changes > 1 and 'seen' or { known } end
  end
  local words, fields = {}, {}
  if record.object ~= '' and clashes(record.object, record.order) then
    for at = 1, #changes do words[at] = 'clash' end
    return words
  end
  for _, change in ipairs(changes) do
    remember(book, change.digest, change.arrival, change.run)
    count('accepted', change.source, 1)
    -- A replayed change waits since its replay, not since it came in.
    if change.run == '' and change.came and change.came < record.since then record.since = change.came end
    if change.what == 'fields' then fields[#fields + 1] = change end
  end
  for _, change in ipairs(changes) do
    if change.what == 'delete' then
      change.word = merge_delete(record, change)
    elseif change.what == 'dead' then
      micros = micros + 1
      keep_letter(lane, record.id, change.letter, change.source, micros)
      change.word = 'dead'
    elseif change.what == 'stale' then
      if change.tied then count('tie', change.source, 1) end
      change.word = 'superseded'
    end
  end
  if #fields > 0 then merge_fields(record, fields) end
  for at, change in ipairs(changes) do
    words[at] = change.word
    if change.word == 'superseded' or change.word == 'dead' then count(change.word, change.source, 1) end
  end
  return words
end

local answer = {}
for each = 1, take_number() do answer[each] = merge(take_record()) end
close_seen(book)
enter()
if next_argument < #ARGV then
  local claimed = gated(claim_due(take_order()))
  answer[#answer + 1] = claimed
  if claimed[1] == 'claimed' then due = due - (#claimed - 5) end
end
-- Records that this worker can't take now another one may.
if due > 0 then redis.call('PUBLISH', lane .. ':bell', '') end
return counted(answer)
