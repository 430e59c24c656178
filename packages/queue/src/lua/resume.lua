-- uses: record gate
-- Ends the hold of the lane. The flow comes back as after every hold: one request first.
--
-- ARGV  mark of credentials: only a hold ends for which other credentials were refused ('' for any hold)
-- Returns  the reason of the hold that ended, '' for none
local credentials = take()
local reason, note = gate_value('hold'), gate_value('note')
if not reason then return '' end
if credentials ~= '' and (reason ~= 'credentials' or note == credentials) then return '' end
release(math.floor(now_micros() / 1000))
return gated(reason)
