-- uses: record gate
-- What the destination says of its quota.
--
-- ARGV  requests per minute (configured), the limit that it names, how many are left of it, ms until its window
--       starts anew ('' for not said)
-- Returns  'learned'
-- Keeps true: others use the same account, so what is left of it may be less than we think; never more.
local per_minute, limit, remaining, reset = take_number(), take_number(), take_number(), take()
local micros = now_micros()
set_gate('seen', limit)
local tokens, _, at = fill(micros, per_minute, 0)
-- A quota is a minute's: one that says it starts anew later means something else, such as a time since 1970.
if remaining < 1 and reset ~= '' then at = micros + math.min(tonumber(reset), GATE.window * 1000) * 1000 end
if remaining < tokens then keep(math.max(0, remaining), at) end
return gated('learned')
