-- uses: record
-- An operator lets a record that waits for its next attempt have it now. Its attempts and its deadline stay as they are.
--
-- ARGV  id
-- Returns  'none'     nothing of it is pending, or it is a dead letter; nothing changed
--          'parked'   it was taken out of the line; nothing changed
--          'flying'   a request with it is under way; nothing changed
--          'waiting'  a request that nobody heard of again may still land until it is due; it is due then
--          'retried'  it is due, and idle workers were nudged
-- Keeps true: never two writes of one record that could overtake one another.
local id = take()
local pending = hash(lane .. ':p:' .. id)
local due = tonumber(redis.call('ZSCORE', lane .. ':due', id))
if not due then return 'none' end
local now = math.floor(now_micros() / 1000)
if pending['@fence'] and due < PARKED and (pending['@job'] or due > now) then return 'flying' end
if pending['@parked'] then return 'parked' end
local lands = tonumber(pending['@lands']) or 0
if lands > now then
  falls_due(id, lands, pending)
  return 'waiting'
end
if due > now then falls_due(id, math.min(now, tonumber(pending['@since']) or now), pending) end
redis.call('PUBLISH', lane .. ':bell', '')
return 'retried'
