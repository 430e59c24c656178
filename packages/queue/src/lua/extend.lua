-- Keeps a lease while a job that writes the record is still running.
--
-- ARGV  id, fencing token, lease (ms)
-- Returns  'lost' or 'extended'
local id, fence, lease = take(), take(), take_number()
if redis.call('HGET', lane .. ':p:' .. id, '@fence') ~= fence then return 'lost' end
redis.call('ZADD', lane .. ':due', 'XX', math.floor(now_micros() / 1000) + lease, id)
return 'extended'
