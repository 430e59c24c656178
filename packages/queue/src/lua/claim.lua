-- Takes a lease on records that are due, so that nobody else writes them meanwhile.
--
-- ARGV  lease (ms), ordering horizon (ms), how many at most, the record that the doorbell named (or '')
-- Returns  { 'held', ms left, reason }  nothing may be taken now
--          { 'claimed', { id, fencing token, everything pending as a flat list }, … }  possibly none
-- Keeps true: of two tokens of a record the later is larger, even when the ledger has been forgotten and
-- when Redis' clock has jumped back; a record is claimed only when it is due, so never while leased.
local lease, horizon, limit, wanted = take_number(), take_number(), take_number(), take()
local left = redis.call('PTTL', lane .. ':hold')
if left > 0 then return { 'held', left, redis.call('GET', lane .. ':hold') } end

local micros = now_micros()
local now = math.floor(micros / 1000)
local claims = { 'claimed' }

local function claim(id)
  local due = redis.call('ZSCORE', lane .. ':due', id)
  if not due or tonumber(due) > now then return end
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

if wanted ~= '' then claim(wanted) end
if #claims <= limit then
  local ready = redis.call('ZRANGEBYSCORE', lane .. ':due', '-inf', now, 'LIMIT', 0, limit)
  for _, id in ipairs(ready) do
    if #claims > limit then break end
    claim(id)
  end
end
return claims
