-- Begins a batch of letters of a lane, or of the intake, that are to leave for the history: from now on none leaves in an earlier one.
--
-- KEYS[1]  the tag of a lane or of the intake
--   :filing  hash, @batch -> the batch that was begun last; row -> id of a letter that has left, and whose row in the history is not yet
--            said to be good
--   :back    hash, row -> since when (ms) its letter is here again, so that the row counts no more and is to be deleted
-- Returns  { the batch, row, … of letters that have left in earlier ones }
-- Keeps true: batches grow, also when the clock jumps back.
local key = KEYS[1] .. ':filing'
local batch = math.max(now_micros(), (tonumber(redis.call('HGET', key, '@batch')) or 0) + 1)
local answer = { string.format('%.0f', batch) }
for _, row in ipairs(redis.call('HKEYS', key)) do
  if row ~= '@batch' then answer[#answer + 1] = row end
end
redis.call('HSET', key, '@batch', answer[1])
return answer
