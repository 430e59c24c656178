-- uses: record gate
-- Takes the report of how a request with a pass went, in a recovery.
--
-- ARGV  pass, 'good' | 'bad' | 'unheard'
-- Returns  'flowing'  no recovery is under way (any more)
--          'recovering'  the flow comes back
--          'held'  more than half of what was allowed failed: the lane is held again, for longer
-- Keeps true: a destination that fails less than half of its requests comes back to full flow. The breaker would not
-- hold it either. Each time that the flow grows beyond the first two requests one of the outages in a row is forgotten, so
-- that a destination which flaps, or has little to do, is not held for longer and longer.
local pass, health = take(), take()
local now = math.floor(now_micros() / 1000)
local known = redis.call('ZREM', passes_key, pass) == 1

local function heard()
  if not gate_value('allowed') then return 'flowing' end
  -- A pass from before the last hold says nothing about the destination now.
  if not known then return hold_of(now) and 'held' or 'recovering' end
  if health == 'unheard' or hold_of(now) then return 'recovering' end
  local allowed, good, bad = tonumber(gate_value('allowed')), tonumber(gate_value('good')), tonumber(gate_value('bad'))
  if health == 'good' then good = good + 1 else bad = bad + 1 end
  if bad * 2 > allowed then
    hold_unwell(now)
    return 'held'
  end
  if good + bad < allowed then
    set_gate('good', good)
    set_gate('bad', bad)
  elseif allowed * 2 < GATE.flowing then
    set_gate('allowed', allowed * 2)
    set_gate('good', 0)
    set_gate('bad', 0)
    -- A probe alone forgives nothing: a destination that fails at the next two requests is as unwell as before.
    local level = tonumber(gate_value('level')) or 0
    if allowed > 1 and level > 0 then set_gate('level', level - 1) end
  else
    for _, name in ipairs({ 'allowed', 'good', 'bad', 'level', 'blamed' }) do set_gate(name) end
    redis.call('DEL', passes_key)
    return 'flowing'
  end
  return 'recovering'
end
return gated(heard())
