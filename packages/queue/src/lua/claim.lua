-- Takes a lease on records that are due, and the requests that may write them.
--
-- ARGV  lease (ms), ordering horizon (ms), requests per minute, requests that may start in this process,
--       records in one request at most, records in all at most, requests granted before and not sent, mark of
--       the credentials, ms that a request can be in flight, ms that records may be gathered when requests are scarce
-- Returns  { 'held', ms left ('' for no end), reason }  nothing may be taken now
--          { 'wait', ms }  nothing is due, or no request may start; to be asked again then
--          { 'claimed', requests granted, { pass of a request, … } (in a recovery only),
--            { id, fencing token, everything pending as a flat list }, … }
-- Keeps true: of two tokens of a record the later is larger, even when the ledger has been forgotten and
-- when Redis' clock has jumped back; a record is claimed only when it is due, so never while leased.
local lease, horizon, per_minute, wanted, batch = take_number(), take_number(), take_number(), take_number(), take_number()
local most, back, credentials, pass_ms, gather = take_number(), take_number(), take(), take_number(), take_number()
local micros = now_micros()
local now = math.floor(micros / 1000)

local reason, left = hold_of(now, credentials)
if reason then return { 'held', left, reason } end
local first = redis.call('ZRANGE', lane .. ':due', 0, 0, 'WITHSCORES')
local due_in = first[2] and math.ceil(first[2] - now) or 60000
-- An empty lane is asked often: it is left as it is, and so costs no write.
if due_in > 0 and back == 0 then return { 'wait', due_in } end
local requests, again = allowance(micros, per_minute, wanted, back)
if due_in > 0 then return { 'wait', due_in } end
if requests == 0 then return { 'wait', again } end

-- As many as there are requests go one by one; of more, all that their requests can carry go at once. What tries
-- whether the destination is well again is a single record.
if redis.call('HGET', gate_key, 'allowed') == '1' then batch = 1 end
local ready = redis.call('ZCOUNT', lane .. ':due', '-inf', now)
local count = ready
if ready > requests then
  count = math.min(ready, requests * batch, most)
  -- A job that is not full waits a little where it is requests that are scarce, not places in this process.
  local waits = gather - (now - tonumber(first[2]))
  if requests < wanted and ready < batch and batch > 1 and waits > 0 then return { 'wait', math.ceil(waits) } end
end

local claims = {}
local function claim(id)
  local ledger = lane .. ':l:' .. id
  local last = tonumber(redis.call('HGET', ledger, '@fence')) or 0
  local fence = string.format('%.0f', math.max(micros, last + 1))
  redis.call('HSET', ledger, '@fence', fence)
  redis.call('PEXPIRE', ledger, horizon)
  redis.call('HSET', lane .. ':p:' .. id, '@fence', fence)
  redis.call('HDEL', lane .. ':p:' .. id, '@during', '@deleted')
  redis.call('ZADD', lane .. ':due', 'XX', now + lease, id)
  claims[#claims + 1] = { id, fence, redis.call('HGETALL', lane .. ':p:' .. id) }
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', lane .. ':due', '-inf', now, 'LIMIT', 0, count)) do claim(id) end
return { 'claimed', requests, spend(micros, per_minute, requests, pass_ms), unpack(claims) }
