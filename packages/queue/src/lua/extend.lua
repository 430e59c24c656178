-- uses: record
-- Keeps leases while a job that writes their records is still running, and remembers the job, so that a worker which takes an
-- expired flight over looks at the job instead of writing again.
--
-- ARGV  lease (ms), how many claims, then of each: id, fencing token, the job as JSON ('' keeps the one that was named before, '?' is
--       a job that is about to be posted, whose id nobody knows yet)
-- Returns  a word for each claim, in their order: 'lost' or 'extended'
local lease = take_number()
local ends, words, leases = text(math.floor(now_micros() / 1000) + lease), {}, {}
for i = 1, take_number() do
  local id, fence, job = take(), take(), take()
  local pending_key = lane .. ':p:' .. id
  if redis.call('HGET', pending_key, '@fence') == fence then
    if job == '?' then
      redis.call('HSET', pending_key, '@posted', 1)
    elseif job ~= '' then
      redis.call('HSET', pending_key, '@job', job)
      redis.call('HDEL', pending_key, '@posted')
    end
    leases[#leases + 1], leases[#leases + 2] = ends, id
    words[i] = 'extended'
  else
    words[i] = 'lost'
  end
end
if #leases > 0 then redis.call('ZADD', lane .. ':due', 'XX', unpack(leases)) end
return words
