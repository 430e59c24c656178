-- uses: record
-- All that is known of one record, for people.
--
-- ARGV  id
-- Returns  { now (ms), the ledger as a flat list, the pending changes as a flat list, when the record is due ('' for never), its
--          dead letter ('' for none), whether it is doubtful ('1' or ''), whether it is parked and in no flight ('1' or '') }
local id = take()
local due = redis.call('ZSCORE', lane .. ':due', id)
return {
  math.floor(now_micros() / 1000),
  redis.call('HGETALL', lane .. ':l:' .. id),
  redis.call('HGETALL', lane .. ':p:' .. id),
  due or '',
  redis.call('HGET', lane .. ':dead', id) or '',
  redis.call('ZSCORE', lane .. ':doubtful', id) and '1' or '',
  due and tonumber(due) == PARKED and '1' or '',
}
