-- uses: record gate claims
-- Takes a lease on records that are due, and the requests that may write them: claims.lua has it all.
--
-- ARGV  an order, see claims.lua
return gated(claim_due(take_order()))
