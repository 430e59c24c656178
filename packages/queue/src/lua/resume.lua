-- uses: record gate
-- Ends whatever holds the lane. The flow comes back as after every hold: one request first.
--
-- ARGV  mark of credentials: ends only a hold that refused others ('' for any hold)
-- Returns  the reason of the hold that ended, '' for none
local credentials = take()
local held = redis.call('HMGET', gate_key, 'hold', 'note')
if not held[1] then return '' end
if credentials ~= '' and (held[1] ~= 'credentials' or held[2] == credentials) then return '' end
release(math.floor(now_micros() / 1000))
return held[1]
