-- Counts the webhooks that a door added again after the state went back, and the ones that it no longer held.
--
-- KEYS[1]  the intake's tag: :again  hash, added:<state> and missed:<state> -> webhooks
-- ARGV  the state's name since it went back, webhooks that were added again, webhooks that could not be
-- Returns  nothing
local tag = KEYS[1]
redis.call('HINCRBY', tag .. ':again', 'added:' .. ARGV[1], ARGV[2])
redis.call('HINCRBY', tag .. ':again', 'missed:' .. ARGV[1], ARGV[3])
return 0
