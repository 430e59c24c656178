-- Finds records whose doorbell was lost, e.g. because the process that admitted them died before ringing.
-- Doorbells are answered in order: a record that was due before the oldest waiting doorbell rang has none.
--
-- ARGV  when the oldest waiting doorbell rang (ms, '' for none waits), margin (ms), how many at most
-- Returns  ids, the longest due first
local oldest, margin, limit = take(), take_number(), take_number()
local before = math.floor(now_micros() / 1000) - margin
if oldest ~= '' then before = math.min(before, tonumber(oldest) - margin) end
return redis.call('ZRANGEBYSCORE', lane .. ':due', '-inf', before, 'LIMIT', 0, limit)
