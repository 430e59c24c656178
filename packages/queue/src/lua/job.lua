-- uses: record gate
-- Takes, keeps or leaves one of the places that the whole fleet has for jobs that the destination works on.
--
-- ARGV  the place's name, how long it is kept unless it is asked for again (ms; 0: the job is over), places in all
-- Returns  'in', 'full' (all places are taken, and this job has none), or 'over'
-- Keeps true: no more jobs run than there are places, except a job whose worker died and whose place has been given on.
local name, keep_ms, places = take(), take_number(), take_number()
local now = math.floor(now_micros() / 1000)
if keep_ms == 0 then
  redis.call('ZREM', jobs_key, name)
  return 'over'
end
if free_places(now, places) == 0 and not redis.call('ZSCORE', jobs_key, name) then return 'full' end
redis.call('ZADD', jobs_key, now + keep_ms, name)
return 'in'
