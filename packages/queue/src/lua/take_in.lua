-- uses: record
-- Takes a record in that another lane of the destination showed (hand_over.lua), in place of what is known of it here: a copy that was
-- taken in before a crash.
--
-- ARGV  id, then as it was shown: how many members of the ledger × 2, these, time to live (ms), the same of the pending changes and of the digests,
--       due, since, doubtful, letter, its sources, when it was kept
-- Returns  'taken'
local CHUNK = 1000
local id = take()

local function take_hash(part)
  local key, count = lane .. part .. id, take_number()
  redis.call('DEL', key)
  for from = 1, count, CHUNK do
    local some = {}
    for i = from, math.min(count, from + CHUNK - 1) do some[#some + 1] = take() end
    redis.call('HSET', key, unpack(some))
  end
  local ttl = take_number()
  if count > 0 and ttl >= 0 then redis.call('PEXPIRE', key, math.max(1, ttl)) end
end

for _, part in ipairs({ ':l:', ':p:', ':v:' }) do take_hash(part) end
local due = take()
if due ~= '' then
  falls_due(id, tonumber(due), hash(lane .. ':p:' .. id))
else
  redis.call('ZREM', lane .. ':due', id)
end
for _, name in ipairs({ ':since', ':doubtful' }) do
  local score = take()
  if score ~= '' then redis.call('ZADD', lane .. name, score, id) else redis.call('ZREM', lane .. name, id) end
end
local letter, said, micros = take(), take(), take()
if letter ~= '' then
  keep_letter(lane, id, letter, said, micros == '' and now_micros() or micros)
else
  drop_letter(lane, id)
end
return 'taken'
