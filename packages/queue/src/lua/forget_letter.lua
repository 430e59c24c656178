-- uses: letters
-- Takes a dead letter away: its event was merged anew, or its webhook is understood again.
--
-- KEYS[1]  the tag of a lane or of the intake
-- ARGV  id
-- Returns  how many there were, 0 or 1
return drop_letter(KEYS[1], ARGV[1])
