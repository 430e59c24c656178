-- Says how requests are shared out among sources. What was admitted before it was said goes by its age.
--
-- ARGV  how many sources, then source, share (0: a backfill), …; none: nothing is shared out
-- Returns  'shared'
redis.call('DEL', lane .. ':shares')
for _ = 1, take_number() do redis.call('HSET', lane .. ':shares', take(), take_number()) end
return 'shared'
