-- uses: record seen
-- Takes over the deliveries that another lane remembers as merged: one bucket of seen.lua, which is deleted there.
-- Deliveries that are known here already stay as they are.
--
-- ARGV  dedupe window (ms), length of an old release's slice (ms), the other lane's bucket; or '', and the bucket as a flat list, where
--       it is on another server: it stays there
-- Returns  how many deliveries it held
local window, old_slice_ms, bucket = take_number(), take_number(), take()
local book = open_seen(math.floor(now_micros() / 1000), window, old_slice_ms)
local flat = {}
if bucket ~= '' then
  flat = redis.call('HGETALL', bucket)
  redis.call('DEL', bucket)
else
  while next_argument < #ARGV do flat[#flat + 1] = take() end
end
for i = 1, #flat, 2 do
  if not seen(book, flat[i]) then remember(book, flat[i], flat[i + 1]:sub(1, 8), flat[i + 1]:sub(9)) end
end
close_seen(book)
return #flat / 2
