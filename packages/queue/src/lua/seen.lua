-- The part of a script that knows which deliveries have been merged: by it the books are exact.
--
--   :e                       hash: `at` (ms) when the youngest slice began, `slice` its number, and for each slice that counts
--                            n<slice> its buckets, c<slice> its entries, u<slice> until when it counts (ms). Also `lanes`: how many
--                            lanes the destination has, none for one. A change of the number writes 1>4 until it is done
--   :e:<slice>:<bucket>      hash: digest of source, event and record (9 bytes) -> arrival (8 bytes), then the run's digits
--   :seen:<n>                set of digests (12 bytes): the release before kept these, and they count until they expire
--
-- A hash of up to 128 short entries costs Redis about 25 bytes an entry, a set of them 69. So a slice grows bucket by bucket
-- (linear hashing: the next bucket in turn is split when there are more than SEEN.fill entries for each), and no bucket is ever
-- much fuller than twice that. A slice begins with nearly as many buckets as the one before has: a split moves half a bucket, and costs
-- each entry a third of what it costs to be written. Slices are half a window long: an entry is looked for in three at most.
local SEEN = { fill = 52, slices = 2, old_slices = 4, buckets = 128, begin = 0.75 }
local seen_key = lane .. ':e'

local function bucket_key(slice, bucket)
  return slice.prefix .. text(bucket)
end

-- The bucket of a digest, which it begins with, among `buckets`: those before the split pointer are addressed with one bit more.
local function bucket_of(digest, slice)
  local at = struct.unpack('>I4', digest)
  local bucket = at % (slice.size * 2)
  if bucket >= slice.buckets then bucket = at % slice.size end
  return bucket_key(slice, bucket)
end

local function sized(slice)
  local size = 1
  while size * 2 <= slice.buckets do size = size * 2 end
  slice.size = size
  return slice
end

local function slice_of(number, buckets, entries)
  return sized({ number = number, prefix = seen_key .. ':' .. text(number) .. ':', buckets = buckets, entries = entries })
end

-- The slices that count, the youngest last. `old_slice_ms`: how long a slice of the release before was.
local function open_seen(now, window, old_slice_ms)
  local kept = hash(seen_key)
  local book = { slices = {}, window = window, old = {}, lanes = kept.lanes or '1' }
  local slice_ms = math.max(1, math.ceil(window / SEEN.slices))
  local youngest = tonumber(kept.slice) or 0
  local began = tonumber(kept.at)
  for number = math.max(1, youngest - 2 * SEEN.slices), youngest do
    local buckets, till = tonumber(kept['n' .. number]), tonumber(kept['u' .. number])
    if buckets and till > now then
      book.slices[#book.slices + 1] = slice_of(number, buckets, tonumber(kept['c' .. number]) or 0)
    elseif buckets then
      redis.call('HDEL', seen_key, 'n' .. number, 'c' .. number, 'u' .. number)
    end
  end
  -- A clock that was set back opens no new slice, and closes none.
  if not began or now >= began + slice_ms or #book.slices == 0 then
    local number, before = youngest + 1, book.slices[#book.slices]
    local buckets = math.max(SEEN.buckets, math.floor((before and before.buckets or 0) * SEEN.begin))
    redis.call('HSET', seen_key, 'at', now, 'slice', number, 'n' .. number, buckets, 'u' .. number, now + slice_ms + window)
    book.slices[#book.slices + 1] = slice_of(number, buckets, 0)
  end
  book.keep_ms = slice_ms + window
  book.youngest = book.slices[#book.slices]
  local old_slice, names = math.floor(now / old_slice_ms), {}
  -- A clock that was set back names an earlier slice than the youngest.
  for back = -1, SEEN.old_slices do names[#names + 1] = lane .. ':seen:' .. (old_slice - back) end
  if redis.call('EXISTS', unpack(names)) > 0 then book.old = names end
  return book
end

-- Looks a delivery up: answers arrival and run as they were stored, 'old' where only the release before has seen it, or nil.
local function seen(book, digest)
  local short = digest:sub(1, 9)
  for at = #book.slices, 1, -1 do
    local slice = book.slices[at]
    if slice.entries > 0 then
      local entry = redis.call('HGET', bucket_of(short, slice), short)
      if entry then return entry end
    end
  end
  for _, name in ipairs(book.old) do
    if redis.call('SISMEMBER', name, digest) == 1 then return 'old' end
  end
end

-- Splits the bucket whose turn it is.
local function split_bucket(book, slice)
  local from, to = slice.buckets - slice.size, slice.buckets
  slice.buckets = slice.buckets + 1
  local flat = redis.call('HGETALL', bucket_key(slice, from))
  local moved, names = {}, {}
  for i = 1, #flat, 2 do
    if struct.unpack('>I4', flat[i]) % (slice.size * 2) == to then
      names[#names + 1] = flat[i]
      moved[#moved + 1], moved[#moved + 2] = flat[i], flat[i + 1]
    end
  end
  sized(slice)
  if #names == 0 then return end
  local key = bucket_key(slice, to)
  redis.call('HSET', key, unpack(moved))
  redis.call('PEXPIRE', key, book.keep_ms)
  redis.call('HDEL', bucket_key(slice, from), unpack(names))
end

local function remember(book, digest, arrival, run)
  local short, slice = digest:sub(1, 9), book.youngest
  local key = bucket_of(short, slice)
  if redis.call('HSET', key, short, arrival .. run) == 0 then return end
  slice.entries, slice.grown = slice.entries + 1, true
  if redis.call('HLEN', key) == 1 then redis.call('PEXPIRE', key, book.keep_ms) end
  if slice.entries > slice.buckets * SEEN.fill then split_bucket(book, slice) end
end

local function close_seen(book)
  local slice = book.youngest
  if not slice.grown then return end
  redis.call('HSET', seen_key, 'n' .. slice.number, slice.buckets, 'c' .. slice.number, slice.entries)
end
