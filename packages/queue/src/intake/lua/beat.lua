-- Says that a worker lives and which configuration it understands; forgets workers that said nothing for long. Webhooks that were
-- counted as waiting and never came to wait, since their door died in between, are taken off when nothing waits.
--
-- KEYS[1]  the intake's tag: :workers  sorted set, session:number -> when the worker was last heard of (ms)
-- ARGV  session:number, how long a worker is remembered (ms), how many queues, then each queue's name
-- Returns  nothing
local tag = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', tag .. ':workers', now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', tag .. ':workers', '-inf', now - tonumber(ARGV[2]))
local waiting = 0
for i = 4, 3 + tonumber(ARGV[3]) do
  local queue = tag .. ':' .. ARGV[i] .. ':'
  waiting = waiting + redis.call('LLEN', queue .. 'wait') + redis.call('LLEN', queue .. 'active') + redis.call('LLEN', queue .. 'paused')
    + redis.call('ZCARD', queue .. 'delayed') + redis.call('ZCARD', queue .. 'failed')
end
if waiting == 0 then redis.call('DEL', tag .. ':bytes', tag .. ':webhooks') end
return 0
