-- uses: record
-- Makes the flights of a dead worker due at once. Only for a destination that checks tokens: elsewhere the worker's writes may
-- still land, and its leases end when they no longer can.
--
-- ARGV  the dead worker's session, how many records to pass over, how many to look at
-- Returns  { records that were looked at and not made due, records that were made due, '1' where more are left to look at }
-- Keeps true: the flight's own token stands until the next claim, so that a holder who was not dead may still settle.
local session, past, most = take(), take_number(), take_number()
local now = math.floor(now_micros() / 1000)
-- Records that may be claimed already need no help.
local page = redis.call('ZRANGEBYSCORE', lane .. ':due', '(' .. now, PARKED - 1, 'LIMIT', past, most)
local taken = 0
for _, id in ipairs(page) do
  local pending_key = lane .. ':p:' .. id
  if redis.call('HGET', pending_key, '@by') == session then
    falls_due(id, now, hash(pending_key))
    taken = taken + 1
  end
end
if taken > 0 then redis.call('PUBLISH', lane .. ':bell', '') end
return { #page - taken, taken, #page == most and '1' or '' }
