-- uses: letters
-- Takes in letters that an earlier release kept, and forgets the entries of letters that it took away.
--
-- KEYS[1]  the tag of a lane or of the intake
-- ARGV  how many, then id, sources with commas between them ('' forgets it), when it was kept (µs), …
-- Returns  nothing
local tag = KEYS[1]
for i = 0, tonumber(ARGV[1]) - 1 do
  local id, said, micros = ARGV[2 + i * 3], ARGV[3 + i * 3], ARGV[4 + i * 3]
  local letter = redis.call('HGET', tag .. ':dead', id)
  local is_known = redis.call('HEXISTS', tag .. ':letters', id) == 1
  if letter and not is_known and micros ~= '' then
    keep_letter(tag, id, letter, said, micros)
  elseif not letter and is_known then
    drop_letter(tag, id)
  end
end
return 0
