-- uses: record
-- Keeps leases while a job that writes their records is still running.
--
-- ARGV  lease (ms), how many claims, then id, fencing token, …
-- Returns  a word for each claim, in their order: 'lost' or 'extended'
local lease = take_number()
local ends, words = math.floor(now_micros() / 1000) + lease, {}
for i = 1, take_number() do
  local id, fence = take(), take()
  if redis.call('HGET', lane .. ':p:' .. id, '@fence') == fence then
    redis.call('ZADD', lane .. ':due', 'XX', ends, id)
    words[i] = 'extended'
  else
    words[i] = 'lost'
  end
end
return words
