-- Keeps a text that an act of a person needs while it goes on. Runs also when Redis is out of memory: such acts may make room.
--
-- KEYS[1]  the key
-- ARGV  a member of the key, the text, for how long (ms), 'first' or ''; with '' for the member the key is the text itself, and else a hash
-- Returns  'kept', or with 'first' 'known': the key is there, and nothing changed
if ARGV[4] == 'first' and redis.call('EXISTS', KEYS[1]) == 1 then return 'known' end
if ARGV[1] == '' then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return 'kept'
