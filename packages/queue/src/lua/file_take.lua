-- uses: letters
-- Takes letters out that stand in the history by now, each only if it is still the one that was written there. Letters of records are
-- shortened instead: what is parked of the record stays, and with it the letter.
--
-- KEYS[1]  the tag of a lane or of the intake, see file_begin.lua
-- ARGV  batch, the day on which the rows stand, the hash that counts letters in the history by day and source ('counts' or 'books'), how
--       many, then of each: id, when it was kept (µs), its row, the short letter ('': it leaves wholly), how many rows of earlier letters
--       with its id stand in the history, then of each row, day
-- Returns  'closed' (another batch was begun since; nothing was done), or for each 'taken', 'shortened', or 'kept' (it is gone, another
--          one by now, or was brought back a moment ago)
-- Keeps true: letters here + letters in the history, by source. An earlier letter with the id gives way, as it does here.
local tag, batch, day, counts = KEYS[1], ARGV[1], ARGV[2], KEYS[1] .. ':' .. ARGV[3]
if redis.call('HGET', tag .. ':filing', '@batch') ~= batch then return 'closed' end
local next_argument = 4
local function take()
  next_argument = next_argument + 1
  return ARGV[next_argument]
end

local function add(on, source, by)
  local name = 'filed:' .. on .. ':' .. source
  if redis.call('HINCRBY', counts, name, by) == 0 then redis.call('HDEL', counts, name) end
end

local words = {}
for i = 1, tonumber(ARGV[4]) do
  local id, micros, row, short = take(), take(), take(), take()
  local older = {}
  for at = 1, tonumber(take()) do older[at] = { row = take(), day = take() } end
  local said = redis.call('HGET', tag .. ':letters', id)
  local source = said and sources_of(said)[1]
  local since = said and redis.call('ZSCORE', tag .. ':letters:' .. source, id)
  if not since or tonumber(since) ~= tonumber(micros) or redis.call('HEXISTS', tag .. ':brought', id) == 1 then
    words[i] = 'kept'
  elseif short ~= '' then
    keep_letter(tag, id, short, said, micros)
    words[i] = 'shortened'
  else
    drop_letter(tag, id)
    redis.call('HSET', tag .. ':filing', row, id)
    add(day, source, 1)
    for _, each in ipairs(older) do
      if redis.call('HEXISTS', tag .. ':back', each.row) == 0 then add(each.day, source, -1) end
    end
    words[i] = 'taken'
  end
end
return words
