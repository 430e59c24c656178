import type { ClaimOrder } from "./claim-order.ts";

/** One record by one request, and nothing in the way. */
export const ORDER: ClaimOrder = {
  requests: 1,
  batch: 1,
  unused: 0,
  requestsPerMinute: 100_000,
  leaseMs: 60_000,
  passMs: 1000,
  jobs: 30,
  gatherMs: 0,
  credentials: "",
  remember: false,
  session: "s",
};
