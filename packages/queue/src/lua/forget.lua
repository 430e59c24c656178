-- uses: record
-- An operator forgets a record: what is pending of it is discarded, and so is what is known of its fields. The next event on it
-- is written whatever its version is.
--
-- ARGV  id
-- Returns  'none'       nothing is known of it
--          'flying'     a request with it is under way; nothing changed
--          'forgotten'  so it is
-- Keeps true: accepted = outcomes + open.
local id = take()
local ledger_key, pending_key = lane .. ':l:' .. id, lane .. ':p:' .. id
local pending = hash(pending_key)
local due = tonumber(redis.call('ZSCORE', lane .. ':due', id))
if pending['@fence'] and due and due > math.floor(now_micros() / 1000) then return 'flying' end
if not next(pending) and redis.call('EXISTS', ledger_key) == 0 then return 'none' end
for name, open in pairs(pending) do
  if name:sub(1, 2) == 'o:' and tonumber(open) > 0 then
    count('open', name:sub(3), -open)
    count('discarded', name:sub(3), tonumber(open))
  end
end
-- The token stays: a write that is still on its way to a destination that checks it must stay older than the next.
local fence = redis.call('HGET', ledger_key, '@fence')
local ttl = redis.call('PTTL', ledger_key)
redis.call('DEL', ledger_key, pending_key, lane .. ':v:' .. id)
if fence then
  redis.call('HSET', ledger_key, '@fence', fence)
  if ttl > 0 then redis.call('PEXPIRE', ledger_key, ttl) end
end
redis.call('ZREM', lane .. ':due', id)
redis.call('ZREM', lane .. ':since', id)
redis.call('HDEL', lane .. ':dead', id)
return counted('forgotten')
