-- uses: record gate
-- Holds the lane: no worker claims anything of it until the time is over or it is resumed.
--
-- ARGV  how long (ms; '' for until it is resumed; 0 for as long as the outages in a row ask for), reason
--       ('rate_limit' also lowers the quota), note: the mark of the credentials that were
--       refused, or the operator's words
-- Returns  ms left of the hold that stands, '' for no end
local for_ms, reason, note = take(), take(), take()
local micros = now_micros()
local now = math.floor(micros / 1000)
if reason == 'rate_limit' and not hold_of(now) then
  -- Answers to requests of the same moment lower the quota once, and answers that come during another hold not at all: their
  -- requests set out before it.
  local share = tonumber(gate_value('share')) or 1
  set_gate('share', string.format('%.3f', math.max(GATE.least_share, share * GATE.lower)))
  set_gate('clean', now)
end
if for_ms == '0' then
  hold_unwell(now)
else
  hold(now, for_ms == '' and '' or tonumber(for_ms), reason, note)
end
local _, left = hold_of(now)
return gated(left)
