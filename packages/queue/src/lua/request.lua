-- uses: record gate
-- Lets one more request start for records that are claimed already: a half of a refused job, a look at a running job.
--
-- ARGV  requests per minute, mark of the credentials, ms that a request can be in flight
-- Returns  { 'held', ms left ('' for no end), reason }, { 'wait', ms }, or { 'granted', the request's pass ('' outside of a recovery) }
local per_minute, credentials, pass_ms = take_number(), take(), take_number()
local micros = now_micros()
local reason, left = hold_of(math.floor(micros / 1000), credentials)
if reason then return gated({ 'held', left, reason }) end
local requests, again = allowance(micros, per_minute, 1, 0)
if requests == 0 then return gated({ 'wait', again }) end
return gated({ 'granted', spend(micros, per_minute, 1, pass_ms)[1] or '' })
