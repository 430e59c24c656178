-- uses: record
-- Adds up the open changes of some records from the records themselves, for the audit.
--
-- ARGV  how many records, then their ids
-- Returns  a flat list: source, open, source, open, …
-- Keeps true: the script reads only, and no more records than one call names.
local sums, flat = {}, {}
for _ = 1, take_number() do
  for name, open in pairs(hash(lane .. ':p:' .. take())) do
    if name:sub(1, 2) == 'o:' then sums[name:sub(3)] = (sums[name:sub(3)] or 0) + tonumber(open) end
  end
end
for source, open in pairs(sums) do
  flat[#flat + 1] = source
  flat[#flat + 1] = open
end
return flat
