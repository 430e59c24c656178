-- uses: letters
-- Brings a letter back from the history, before something is done with it. Its row there counts no more from now on, and is to be deleted;
-- the letter does not leave again for a while.
--
-- KEYS[1]  the tag of a lane or of the intake, see file_begin.lua
-- ARGV  id, its row in the history, the day of the row, the hash that counts letters there ('counts' or 'books'), its sources with commas
--       between them, when it was kept (µs), the letter ('': it gave way to a newer one with its id, and is only taken out of the counts)
-- Returns  'back'   it is here, as it was
--          'there'  it is here already
--          'other'  a newer letter with the id is here, and stays
--          'gone'   it was brought back before, and is gone since
-- Keeps true: letters here + letters in the history, by source, however often it is asked.
local tag = KEYS[1]
local id, row, day, counts, said, micros, letter = ARGV[1], ARGV[2], ARGV[3], KEYS[1] .. ':' .. ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local ours = redis.call('HGET', tag .. ':letters', id)
local since = ours and redis.call('ZSCORE', tag .. ':letters:' .. sources_of(ours)[1], id)
local is_there = since and tonumber(since) == tonumber(micros)
local is_first = redis.call('HEXISTS', tag .. ':back', row) == 0
local now = string.format('%.0f', math.floor(now_micros() / 1000))
redis.call('HSETNX', tag .. ':back', row, now)
redis.call('HDEL', tag .. ':filing', row)
if is_there then
  if letter ~= '' then redis.call('HSET', tag .. ':brought', id, now) end
  return 'there'
end
if not is_first then return ours and 'other' or 'gone' end
local name = 'filed:' .. day .. ':' .. sources_of(said)[1]
if redis.call('HINCRBY', counts, name, -1) == 0 then redis.call('HDEL', counts, name) end
if letter == '' or ours or redis.call('HEXISTS', tag .. ':dead', id) == 1 then return 'other' end
keep_letter(tag, id, letter, said, micros)
redis.call('HSET', tag .. ':brought', id, now)
return 'back'
