-- uses: record
-- An operator forgets a record: its pending changes are discarded, and its confirmed stamps forgotten. The next event on it
-- is written whatever its version is.
--
-- ARGV  ordering horizon (ms), id
-- Returns  'none'       nothing is known of it
--          'flying'     a request with it is under way; nothing changed
--          'forgotten'  the record is forgotten
-- Keeps true: accepted = outcomes + open.
horizon = take_number()
local id = take()
local ledger_key = lane .. ':l:' .. id
local pending = hash(lane .. ':p:' .. id)
local due = tonumber(redis.call('ZSCORE', lane .. ':due', id))
-- A job that was handed over runs on, though its records are due, and so may a job that was posted under an id that nobody knows.
local is_carried = (pending['@job'] or pending['@posted']) and due and due < PARKED
if is_carried or lands_within(pending, due, math.floor(now_micros() / 1000)) then return 'flying' end
if not next(pending) and redis.call('EXISTS', ledger_key) == 0 then return 'none' end
quieten(id, pending, 'discarded')
drop_letter(lane, id)
-- The token stays: a write that is still on its way to a destination that checks it must stay older than the next.
local fence = redis.call('HGET', ledger_key, '@fence')
redis.call('DEL', ledger_key, lane .. ':v:' .. id)
if fence then
  redis.call('HSET', ledger_key, '@fence', fence)
  let_ledger_expire(id)
end
return counted('forgotten')
