-- uses: record
-- Says how requests are shared out among sources. What was admitted before it was said goes by its age.
--
-- ARGV  how many sources, then source, share (0: a backfill), …; none: nothing is shared out
-- Returns  'shared'
-- Keeps true: only a source with a share has a `:turn`, which grows with its records and is tidied up by claims alone.
local before = hash(lane .. ':shares')
redis.call('DEL', lane .. ':shares')
for _ = 1, take_number() do
  local source, share = take(), take_number()
  redis.call('HSET', lane .. ':shares', source, share)
  if share > 0 then before[source] = nil end
end
for source in pairs(before) do redis.call('UNLINK', lane .. ':turn:' .. source) end
return 'shared'
