-- uses: record gate
-- Learns the quota that the destination names.
--
-- ARGV  requests per minute (configured), the limit that the destination names, how many requests are left of it, ms until its window
--       starts anew ('' for not said)
-- Returns  'learned'
-- Keeps true: others use the same account, so less may be left of its quota than the bucket says; never more.
local per_minute, limit, remaining, reset = take_number(), take_number(), take_number(), take()
local micros = now_micros()
set_gate('seen', limit)
local tokens, _, at = fill(micros, per_minute, 0)
-- A quota is a minute's: a later start of the window means something else, such as a time since 1970.
if remaining < 1 and reset ~= '' then at = micros + math.min(tonumber(reset), GATE.window * 1000) * 1000 end
if remaining < tokens then keep(math.max(0, remaining), at) end
return gated('learned')
