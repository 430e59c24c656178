-- Raises the highest arrival and counts the webhooks of a job that is about to wait. Sent right before that job.
--
-- KEYS[1]  the intake's tag
-- ARGV  highest arrival of the job (µs), its bytes, its webhooks, the door, its number, which of its jobs this is (from 1)
-- Returns  highest arrival of all doors, bytes that wait, seconds and microseconds of Redis' clock, the door's last job before this
-- Keeps true: :arrival never sinks, and neither does a door's last job.
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
local told = redis.call('HGET', tag .. ':doors', ARGV[4])
local before = told and tonumber(told:match('^%d+ (%d+)')) or 0
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', tag .. ':doors', ARGV[4], string.format('%s %.0f %.0f', ARGV[5], math.max(before, tonumber(ARGV[6])), now))
return { string.format('%.0f', highest), bytes, time[1], time[2], before }
