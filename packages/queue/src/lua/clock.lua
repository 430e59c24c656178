-- The clock of all scripts of a lane. A test may put another one in the place of this file.
local function now_micros()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
