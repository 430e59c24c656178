-- Writes down that the state went back, once, however many processes noticed: the first gives it another name.
--
-- KEYS[1]  the intake's tag: :state see state.lua
--   :tokens     see state.lua
--   :regresses  hash, the state's name since then -> what happened, as JSON       :again  hash, see again.lua
-- ARGV  name that was known, name that was found ('' for none), a new name, the highest arrival that was known (µs), what happened
--       as JSON, how many of these are remembered, '1' where the name that was found is known to be an earlier one than the known
-- Returns  'told' or 'known' (another process told it before), and the state's name; 'again': the state changed meanwhile, look again
-- Keeps true: :arrival never sinks, also where the state did.
local tag, known, found, fresh = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local id = redis.call('HGET', tag .. ':state', 'id') or ''
if id ~= found then return { 'again', id } end
local arrival = tonumber(redis.call('GET', tag .. ':arrival') or 0)
if tonumber(ARGV[4]) > arrival then redis.call('SET', tag .. ':arrival', ARGV[4]) end
-- A name that is new to the caller was given by whoever told; an earlier one stood before the state was told of the last time.
local is_new = id ~= '' and id ~= known and ARGV[7] ~= '1'
if is_new and redis.call('HEXISTS', tag .. ':regresses', id) == 1 then return { 'known', id } end
id = fresh
redis.call('HSET', tag .. ':state', 'id', id, 'former', known)
redis.call('DEL', tag .. ':tokens')
redis.call('HSET', tag .. ':regresses', id, ARGV[5])
local all = redis.call('HKEYS', tag .. ':regresses')
if #all > tonumber(ARGV[6]) then
  for _, each in ipairs(all) do
    if each ~= id then
      redis.call('HDEL', tag .. ':regresses', each)
      redis.call('HDEL', tag .. ':again', 'added:' .. each, 'missed:' .. each)
      break
    end
  end
end
return { 'told', id }
