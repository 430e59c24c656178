-- The time by which everything of a lane goes. A test may put another clock in the place of this file.
local function now_micros()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
