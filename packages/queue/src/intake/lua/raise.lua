-- Raises the highest arrival and counts what is about to wait. Sent right before the job that it is about.
--
-- KEYS[1]  the intake's tag
-- ARGV  highest arrival of the job (µs), its bytes, its webhooks
-- Returns  highest arrival of all doors, bytes that wait, seconds and microseconds of Redis' clock
-- Keeps true: :arrival never sinks.
local tag = KEYS[1]
local highest = tonumber(redis.call('GET', tag .. ':arrival') or 0)
local arrival = tonumber(ARGV[1])
if arrival > highest then
  redis.call('SET', tag .. ':arrival', ARGV[1])
  highest = arrival
end
redis.call('INCRBY', tag .. ':webhooks', ARGV[3])
local bytes = redis.call('INCRBY', tag .. ':bytes', ARGV[2])
local time = redis.call('TIME')
return { string.format('%.0f', highest), bytes, time[1], time[2] }
