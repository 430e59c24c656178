-- uses: record gate
-- Holds the lane because the state went back: a write that was claimed before, and is forgotten here, may still land. Holds once,
-- however many processes ask.
--
-- ARGV  the state's name since it went back, how long (ms)
-- Returns  'held' or 'before'
local state, for_ms = take(), take_number()
if gate_value('back') == state then return 'before' end
set_gate('back', state)
hold(math.floor(now_micros() / 1000), for_ms, 'state_went_back', state)
return gated('held')
