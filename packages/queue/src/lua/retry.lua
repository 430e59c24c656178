-- uses: record
-- An operator lets a waiting record have its next attempt now: it is due again, in its place in the line.
--
-- ARGV  id
-- Returns  'none'    nothing of it is pending, or it is a dead letter; nothing changed
--          'parked'  the record is out of the line, and stays there
--          'flying'  a request with it is under way, or may still land; nothing changed
--          'due'     the record is due from now on; a hold of its destination holds it still
local id = take()
local pending = hash(lane .. ':p:' .. id)
local due = tonumber(redis.call('ZSCORE', lane .. ':due', id))
if not due then return 'none' end
if pending['@parked'] then return 'parked' end
local now = math.floor(now_micros() / 1000)
if lands_within(pending, due, now) then return 'flying' end
falls_due(id, math.min(now, tonumber(pending['@since']) or now), pending)
redis.call('PUBLISH', lane .. ':bell', '')
return 'due'
