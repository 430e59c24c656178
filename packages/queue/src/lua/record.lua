-- The first part of every script on a record: the layout of its state, and the merge rule.
-- packages/record/src/state.ts is the same rule as pure functions; a property test compares the two.
--
-- KEYS[1]  the lane's tag, e.g. `{sluice:crm}`; every key of the lane begins with it:
--   :l:<id>    hash, the ledger: field -> stamp, or the mark of a stamp that fields share; #<mark> -> such a stamp;
--              @tombstone stamp; @clock last arrival; @fence last token
--   :p:<id>    hash, the pending changes (gone when the record is quiet): f:<field> -> entry; @delete entry;
--              o:<source> open changes; e:<number> the event of a change; @key the record's key; @change last number;
--              t:<slot> number and trace context of a change, of the last TRACES ones that are in a trace;
--              a:<field> the stamp of a field that is set aside: it was refused, and is not sent again;
--              @since, @during, @dead, @parked; @attempts how often it was sent, @failing since when (ms), @why the last failure,
--              @lost flights that nobody ended, @together how many records may share its request at most.
--              Its flight: @fence the token, @by the worker's session, @job the destination's job that carries it, @posted
--              that a job with it was posted under an id that nobody knows (1), and that a claim waits for it (2): it stays when
--              the flight ends in silence. @silent until when (ms) a write that ended so
--              may still land
--   :due       sorted set, id -> when the record may be claimed (ms); for a claimed record: when its lease ends
--   :since     sorted set, id -> when the oldest open change came in (ms)
--   :counts    hash: accepted:<source>, open:<source>, <outcome>:<source>, tie:<source>
--   :dead, :letters, :letter-bytes   dead letters, see letters.lua
--   :e, :e:<slice>:<bucket>   which deliveries have been merged, see seen.lua
--   :kinds     hash, object -> kind of its versions        :gate, :passes, :jobs   see gate.lua
--   :requests  sorted set, permits for requests in flight -> when they end (ms), where the destination has a bound
--   :v:<id>    hash, field -> digest of the value that was last confirmed (only with skip_unchanged)
--   :shares    hash, source -> share of the requests; :turn:<source> its due records; :bills what each source has used
-- An entry is the change's number, its stamp, its source, and the value as JSON, which is never decoded
-- here: cjson would lose integers beyond 2^53 and turn an empty list into an object.
local lane = KEYS[1]
local NAME = 'standard::name'
local byte = string.byte
local NONE = {}
-- The time at which a parked record is due: it never comes.
local PARKED = 9e15
-- Members that a flight and its failures leave behind; the end of a flight takes them away.
local FLIGHT = { '@fence', '@by', '@job', '@posted', '@during', '@attempts', '@failing', '@why', '@lost', '@together', '@silent' }
local next_argument = 0
-- The ordering horizon (ms): every script that may end a record's pending changes sets it.
local horizon

local function take()
  next_argument = next_argument + 1
  return ARGV[next_argument]
end

local function take_number()
  return tonumber(take())
end

-- Members that the next HSET writes, in one table for all: a table for each command would be a tenth of a script's time.
local members, filled = {}, 0

local function add_member(name, value)
  filled = filled + 2
  members[filled - 1], members[filled] = name, value
end

-- Writes the members, if there are any.
local function write_members(key)
  if filled == 0 then return end
  redis.call('HSET', key, unpack(members, 1, filled))
  filled = 0
end

-- Takes fields with their stamps: how many stamps, and of each: the stamp, how many fields have it, their names. Answers a flat list: field, stamp, …
local function take_stamps()
  local rows, last = {}, 0
  for _ = 1, take_number() do
    local stamp = take()
    for _ = 1, take_number() do
      rows[last + 1], rows[last + 2] = take(), stamp
      last = last + 2
    end
  end
  return rows
end

-- The text of a whole number. Redis writes each number that a script hands on as a decimal fraction, which costs as much as
-- half of a small command; most of those that a script needs, it needs again.
local texts = {}
local function text(number)
  local known = texts[number]
  if not known then
    known = string.format('%.0f', number)
    texts[number] = known
  end
  return known
end

-- A whole number whose text is needed again, as it came.
local function take_whole()
  local digits = take()
  local number = tonumber(digits)
  texts[number] = digits
  return number
end

-- Stamps order by their bytes. Lua's own `<` would order by the server's locale.
local function orders_after(a, b)
  -- Four bytes at a time, since stamps of one record mostly share their first ones.
  local shorter, at = math.min(#a, #b), 1
  while at + 3 <= shorter do
    local x, y = struct.unpack('>I4', a, at), struct.unpack('>I4', b, at)
    if x ~= y then return x > y end
    at = at + 4
  end
  for i = at, shorter do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x > y end
  end
  return #a > #b
end

-- The fields of an event have one stamp, and so mostly those that it meets: the last comparison is kept.
local left, right, after
local function newer(a, b)
  if not b then return true end
  if a == b then return false end
  if a ~= left or b ~= right then left, right, after = a, b, orders_after(a, b) end
  return after
end

-- The part of an entry before its value.
local function head(change, stamp, source)
  return struct.pack('>I4Bc0Bc0', change, #stamp, stamp, #source, source)
end

local function pack(change, stamp, source, value)
  return head(change, stamp, source) .. value
end

local function unpack_entry(entry)
  local change, stamp, source, at = struct.unpack('>I4Bc0Bc0', entry)
  return { change = change, stamp = stamp, source = source, value = entry:sub(at) }
end

local function stamp_of(entry)
  return entry:sub(6, 5 + entry:byte(5))
end

-- The member and the value that keep the trace of a change. There are TRACES places, and a change takes that of an earlier one.
local TRACES = 8
local function trace_entry(number, context)
  return 't:' .. number % TRACES, number .. ' ' .. context
end

local function hash(key)
  local flat, fields = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  return fields
end

-- Counts are added up and written once: a script that counts ends with `counted(answer)`.
local totals = {}

local function count(what, source, by)
  local sums = totals[what]
  if not sums then
    sums = {}
    totals[what] = sums
  end
  sums[source] = (sums[source] or 0) + by
end

local function counted(answer)
  for what, sums in pairs(totals) do
    for source, by in pairs(sums) do
      if by ~= 0 then redis.call('HINCRBY', lane .. ':counts', what .. ':' .. source, by) end
    end
  end
  return answer
end

-- Ends `by` changes of a source: they were open and now have an outcome.
local function finish(id, outcome, source, by)
  local pending = lane .. ':p:' .. id
  if redis.call('HINCRBY', pending, 'o:' .. source, -by) <= 0 then
    redis.call('HDEL', pending, 'o:' .. source)
  end
  count('open', source, -by)
  count(outcome, source, by)
end

-- The ledger is most of what a quiet record costs, and one event mostly brings several of its fields: a stamp that
-- fields share is kept once, under a mark shorter than any stamp. Answers the fields' stamps, and the hash as it is kept.
local MAX_MARK = 4

local function read_ledger(key)
  local flat, kept, stamps = redis.call('HGETALL', key), {}, {}
  for i = 1, #flat, 2 do kept[flat[i]] = flat[i + 1] end
  for i = 1, #flat, 2 do
    local name, value = flat[i], flat[i + 1]
    local first = byte(name)
    if first ~= 64 and first ~= 35 then stamps[name] = #value <= MAX_MARK and kept['#' .. value] or value end
  end
  return stamps, kept
end

-- The stamps of some fields; `names` may hold @tombstone. Most ledgers have one mark at most, the first: it is read along,
-- so that one command is mostly enough.
local function confirmed_stamps(key, names, count)
  names[count + 1] = '#0'
  local stamps = redis.call('HMGET', key, unpack(names, 1, count + 1))
  local first, others = stamps[count + 1], nil
  for i = 1, count do
    local mark = stamps[i]
    if mark == '0' then
      stamps[i] = first
    elseif mark and #mark <= MAX_MARK then
      others = others or {}
      others[mark] = others[mark] or redis.call('HGET', key, '#' .. mark)
      stamps[i] = others[mark]
    end
  end
  return stamps
end

-- Makes the ledger, which was read as `kept`, hold exactly these stamps; members that begin with @ stay.
local function keep_ledger(key, kept, stamps)
  local uses, marks, gone, idle, next_mark = {}, {}, nil, nil, 0
  for _, stamp in pairs(stamps) do uses[stamp] = (uses[stamp] or 0) + 1 end
  for name, value in pairs(kept) do
    local first = byte(name)
    if first == 35 and (uses[value] or 0) > 1 then
      marks[value] = name:sub(2)
    elseif first == 35 then
      idle = idle or {}
      idle[#idle + 1] = name
    elseif first ~= 64 and not stamps[name] then
      gone = gone or {}
      gone[#gone + 1] = name
    end
  end
  for field, stamp in pairs(stamps) do
    if uses[stamp] > 1 and not marks[stamp] then
      -- A stamp that replaces another one takes its mark: the fields that had the one mostly have the other.
      local name = idle and table.remove(idle)
      while not name do
        if not kept['#' .. next_mark] then name = '#' .. next_mark end
        next_mark = next_mark + 1
      end
      marks[stamp] = name:sub(2)
      add_member(name, stamp)
    end
    local value = marks[stamp] or stamp
    if kept[field] ~= value then add_member(field, value) end
  end
  if gone then redis.call('HDEL', key, unpack(gone)) end
  if idle and #idle > 0 then redis.call('HDEL', key, unpack(idle)) end
  write_members(key)
end

local function has_work(pending)
  for name in pairs(pending) do
    if name == '@delete' or name:sub(1, 2) == 'f:' then return true end
  end
  return false
end

-- Whether something is left to send that is not set aside; and whether something is set aside.
local function live_and_aside(pending)
  local live, aside = false, false
  for name, entry in pairs(pending) do
    if name == '@delete' then
      live = true
    elseif name:sub(1, 2) == 'f:' then
      if pending['a:' .. name:sub(3)] == stamp_of(entry) then aside = true else live = true end
    end
  end
  return live, aside
end

-- The ledger stands as long as anything is pending of its record, however long a destination is held, and for the horizon from then on.
local function let_ledger_expire(id)
  redis.call('PEXPIRE', lane .. ':l:' .. id, text(horizon))
end

-- Takes away everything that is pending of these records.
local function leave(ids)
  local keys = {}
  for at, id in ipairs(ids) do keys[at] = lane .. ':p:' .. id end
  redis.call('DEL', unpack(keys))
  redis.call('ZREM', lane .. ':due', unpack(ids))
  redis.call('ZREM', lane .. ':since', unpack(ids))
end

-- Invariant 3: with nothing left to send, the open changes end, mostly as superseded, and the record is quiet. `leaving`: it is
-- added there, and left to the caller to leave.
local function quieten(id, pending, outcome, leaving)
  for name, open in pairs(pending) do
    if name:sub(1, 2) == 'o:' and tonumber(open) > 0 then
      count('open', name:sub(3), -open)
      count(outcome or 'superseded', name:sub(3), tonumber(open))
    end
  end
  if leaving then leaving[#leaving + 1] = id else leave({ id }) end
  let_ledger_expire(id)
  -- A record has a letter when @dead says so, or when the release before buried it.
  if pending['@dead'] then drop_letter(lane, id) end
end

-- How long (ms) a write of the record that is under way, or whose end nobody heard of, may still land; nil: none does. A record
-- whose lease ended while it was parked is due at no time, and in no flight.
local function lands_within(pending, due, now)
  local till = tonumber(pending['@silent']) or 0
  if (pending['@fence'] or pending['@posted']) and due and due < PARKED then till = math.max(till, due) end
  if till > now then return till - now end
end

-- Sets when a record that is no longer in flight may be claimed, never before its last write can no longer land; its sources' turns
-- get the time too. `names`: the record's pending members.
local shares
local function falls_due(id, due, names)
  due = names['@parked'] and PARKED or math.max(due, tonumber(names['@silent']) or 0)
  redis.call('ZADD', lane .. ':due', due, id)
  -- Only a source with a share has a turn: a backfill's records are claimed by their age.
  shares = shares or hash(lane .. ':shares')
  if not next(shares) then return end
  for name in pairs(names) do
    local source = name:sub(1, 2) == 'o:' and name:sub(3)
    if source and (tonumber(shares[source]) or 0) > 0 then redis.call('ZADD', lane .. ':turn:' .. source, due, id) end
  end
end

-- Makes a record quiet that has nothing left to send. Answers whether something is left.
local function rest(id)
  local pending = hash(lane .. ':p:' .. id)
  if has_work(pending) then return true end
  quieten(id, pending)
  return false
end

-- Clears the older fields of a record that lives on although it was deleted, by the delete's entry.
-- `keep` holds fields that have something newer pending. Answers how many fields were cleared.
local function clear_older(id, stamps, tombstone, entry, keep)
  local cleared = 0
  for field, stamp in pairs(stamps) do
    if field ~= NAME and newer(tombstone, stamp) and not keep[field] then
      redis.call('HSET', lane .. ':p:' .. id, 'f:' .. field, entry)
      cleared = cleared + 1
    end
  end
  return cleared
end

local function lives_after(stamps, tombstone)
  for _, stamp in pairs(stamps) do
    if newer(stamp, tombstone) then return true end
  end
  return false
end
