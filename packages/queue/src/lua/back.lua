-- uses: record gate
-- Holds the lane because the state went back: what was claimed before, and is forgotten here, may still land. Once, whoever asks.
--
-- ARGV  the state's name since then, how long (ms)
-- Returns  'held' or 'before'
local state, for_ms = take(), take_number()
if gate_value('back') == state then return 'before' end
set_gate('back', state)
hold(math.floor(now_micros() / 1000), for_ms, 'state_went_back', state)
return gated('held')
