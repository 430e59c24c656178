-- uses: record
-- Sets how requests are shared out among sources, and gives the due records their turns page by page: records that were admitted
-- before the shares were set have their turn like the rest.
--
-- ARGV  how many records to pass over, how many to look at, how many sources, then source, share (0: a backfill), …; none:
--       nothing is shared out
-- Returns  how many records to pass over next, '' when all were looked at
-- Keeps true: only a source with a share has a `:turn`, which grows with its records and is tidied up by claims alone.
local past, most = take_number(), take_number()
local before, said, is_same = hash(lane .. ':shares'), {}, redis.call('EXISTS', lane .. ':sharing') == 0
for _ = 1, take_number() do
  local source, share = take(), take()
  said[source] = share
  is_same = is_same and before[source] == share
end
for source in pairs(before) do is_same = is_same and said[source] ~= nil end
if past == 0 then
  -- Every worker sets the shares when it starts.
  if is_same then return '' end
  redis.call('DEL', lane .. ':shares')
  redis.call('SET', lane .. ':sharing', 1)
  for source, share in pairs(said) do redis.call('HSET', lane .. ':shares', source, share) end
  for source in pairs(before) do
    if (tonumber(said[source]) or 0) == 0 then redis.call('UNLINK', lane .. ':turn:' .. source) end
  end
end
local page = next(said) and redis.call('ZRANGE', lane .. ':due', past, past + most - 1, 'WITHSCORES') or {}
for i = 1, #page, 2 do
  for name in pairs(hash(lane .. ':p:' .. page[i])) do
    local source = name:sub(1, 2) == 'o:' and name:sub(3)
    if source and (tonumber(said[source]) or 0) > 0 then redis.call('ZADD', lane .. ':turn:' .. source, page[i + 1], page[i]) end
  end
end
if #page == most * 2 then return past + most end
redis.call('DEL', lane .. ':sharing')
return ''
