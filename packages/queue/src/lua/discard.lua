-- uses: record
-- An operator drops a dead letter. Its changes have had their outcome; the dropping is a change of its own, accepted and
-- discarded, one for each source whose values are dropped.
--
-- ARGV  ordering horizon (ms), id, source ('' for the letter of a record; else that of an event that no mapping could read)
-- Returns  'gone'       there is no such dead letter; nothing changed
--          'underway'   newer changes came in: the parked values go out with them; nothing changed
--          'discarded'  the letter is dropped
-- Keeps true: accepted = outcomes + open. A tombstone stays: a change older than a discarded delete is still superseded.
horizon = take_number()
local id, event_source = take(), take()
if redis.call('HEXISTS', lane .. ':dead', id) == 0 then return 'gone' end
local sources = {}
if event_source ~= '' then
  sources[event_source] = true
else
  if redis.call('ZSCORE', lane .. ':due', id) then return 'underway' end
  for name, packed in pairs(hash(lane .. ':p:' .. id)) do
    if name == '@delete' or name:sub(1, 2) == 'f:' then sources[unpack_entry(packed).source] = true end
  end
  redis.call('DEL', lane .. ':p:' .. id)
  let_ledger_expire(id)
end
drop_letter(lane, id)
for source in pairs(sources) do
  count('accepted', source, 1)
  count('discarded', source, 1)
end
return counted('discarded')
