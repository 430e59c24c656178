-- uses: record
-- Shows records whole, for another lane that takes them in, or takes them away here once that has happened. The books stay: those of
-- a destination are the sums over its lanes.
--
-- ARGV  how many, then of each its id (of a record, or of an event's dead letter), and '' to show it, or the mark with which it was shown
--       to take it away
-- Returns  for each: 'none' (nothing is known of it), for how long (ms) a request with it may be under way: it stays until then; shown:
--          { mark, { ledger, its time to live, pending, time to live, digests of values, time to live, due, since, doubtful, letter, its
--          sources, when it was kept } }; to be taken away: 'gone', or 'changed' since it was shown, and it stays
-- Keeps true: until it is taken away here, this lane's copy is the one that counts.
local now = math.floor(now_micros() / 1000)

local function whole(id)
  local kept, known = {}, false
  for _, part in ipairs({ ':l:', ':p:', ':v:' }) do
    local flat = redis.call('HGETALL', lane .. part .. id)
    known = known or #flat > 0
    kept[#kept + 1], kept[#kept + 2] = flat, redis.call('PTTL', lane .. part .. id)
  end
  for _, name in ipairs({ ':due', ':since', ':doubtful' }) do kept[#kept + 1] = redis.call('ZSCORE', lane .. name, id) or '' end
  local letter, said = redis.call('HGET', lane .. ':dead', id), redis.call('HGET', lane .. ':letters', id)
  local micros = said and redis.call('ZSCORE', lane .. ':letters:' .. sources_of(said)[1], id)
  kept[#kept + 1], kept[#kept + 2], kept[#kept + 3] = letter or '', said or '', micros or ''
  return (known or letter) and kept
end

-- A hash has no order, and its time to live passes.
local function mark_of(kept)
  local digests = {}
  for at, each in ipairs(kept) do
    if type(each) == 'table' then
      for i = 1, #each, 2 do digests[#digests + 1] = redis.sha1hex(at .. ' ' .. #each[i] .. ' ' .. each[i] .. each[i + 1]) end
    elseif at > 6 then
      digests[#digests + 1] = redis.sha1hex(at .. ' ' .. each)
    end
  end
  table.sort(digests)
  return redis.sha1hex(table.concat(digests))
end

local function hand_over(id, shown)
  local kept = whole(id)
  if not kept then return 'none' end
  local waits = lands_within(hash(lane .. ':p:' .. id), tonumber(kept[7]), now)
  if waits then return math.ceil(waits) end
  local mark = mark_of(kept)
  if shown == '' then return { mark, kept } end
  if shown ~= mark then return 'changed' end
  redis.call('DEL', lane .. ':l:' .. id, lane .. ':p:' .. id, lane .. ':v:' .. id)
  for _, name in ipairs({ ':due', ':since', ':doubtful' }) do redis.call('ZREM', lane .. name, id) end
  drop_letter(lane, id)
  return 'gone'
end

local answers = {}
for i = 1, take_number() do answers[i] = hand_over(take(), take()) end
return answers
