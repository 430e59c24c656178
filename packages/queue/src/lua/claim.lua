-- uses: record gate claims
-- Takes a lease on records that are due, and the requests that may write them: claims.lua says all.
--
-- ARGV  an order
return gated(claim_due(take_order()))
