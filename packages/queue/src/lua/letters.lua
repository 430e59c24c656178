-- The part of a script that keeps dead letters, in a lane or in the intake: the room that each source's letters take, and their order.
--
--   :dead              hash, id -> the letter
--   :letters           hash, id -> the sources whose events it holds; it counts against the first one's room
--   :letters:<source>  sorted set, id -> when it was kept (µs)
--   :letter-bytes      hash, source -> bytes
--   :brought           hash, id -> since when (ms) somebody acts on a letter, so that it does not leave for the history
-- A letter of an earlier release stands in :dead alone, until a worker that starts takes it in.
local LETTER_BYTES = 300

local function sources_of(said)
  local sources = {}
  for source in said:gmatch('[^,]+') do sources[#sources + 1] = source end
  if #sources == 0 then sources[1] = '' end
  return sources
end

local function drop_letter(tag, id)
  local bytes = redis.call('HSTRLEN', tag .. ':dead', id)
  local said = redis.call('HGET', tag .. ':letters', id)
  if said then
    local sources = sources_of(said)
    for _, source in ipairs(sources) do redis.call('ZREM', tag .. ':letters:' .. source, id) end
    redis.call('HDEL', tag .. ':letters', id)
    if redis.call('HINCRBY', tag .. ':letter-bytes', sources[1], -bytes - LETTER_BYTES) <= 0 then
      redis.call('HDEL', tag .. ':letter-bytes', sources[1])
    end
  end
  redis.call('HDEL', tag .. ':brought', id)
  return redis.call('HDEL', tag .. ':dead', id)
end

-- `said`: the letter's sources with commas between them. `micros`: no two letters of a source should have the same.
local function keep_letter(tag, id, letter, said, micros)
  drop_letter(tag, id)
  redis.call('HSET', tag .. ':dead', id, letter)
  local sources = sources_of(said)
  redis.call('HSET', tag .. ':letters', id, said)
  for _, source in ipairs(sources) do redis.call('ZADD', tag .. ':letters:' .. source, micros, id) end
  redis.call('HINCRBY', tag .. ':letter-bytes', sources[1], #letter + LETTER_BYTES)
end
