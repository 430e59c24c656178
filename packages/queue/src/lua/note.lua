-- Remembers an act of a person. Runs also when Redis is out of memory: acts that make room are remembered too.
--
-- KEYS[1]  the intake's tag
-- ARGV  how many acts are remembered at most, the act as JSON
-- Returns  the act's id: the time by Redis' clock (ms) and a number
return redis.call('XADD', KEYS[1] .. ':acts', 'MAXLEN', ARGV[1], '*', 'act', ARGV[2])
