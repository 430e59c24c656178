import type { DestinationNow, Now } from "@sluice/console";

/** A destination that flows, and has nothing to do. */
export const FLOWING: DestinationNow = {
  name: "crm",
  kind: "zendesk",
  state: "flowing",
  hold: null,
  recoveryAllows: null,
  accepted: 3,
  outcomes: { applied: 3, merged: 0, superseded: 0, unchanged: 0, dead: 0, discarded: 0 },
  open: 0,
  pendingRecords: 0,
  oldestPendingAt: null,
  oldestPendingSeconds: null,
  deadLetters: 0,
  doubtfulRecords: 0,
  breaker: { state: "closed", outages: 0 },
  quota: { requestsPerMinute: 700, configured: 700, said: null, share: 1 },
  forecastSeconds: null,
  acceptedPerSecond: 0,
  endedPerSecond: 0,
};

/** A fleet with these destinations, in which nothing is wrong. */
export function nowWith(destinations: readonly DestinationNow[], more: Partial<Now> = {}): Now {
  return {
    at: "2026-11-29T14:00:00.000Z",
    headline: "Everything flows.",
    intake: {
      waitingWebhooks: 0,
      waitingBytes: 0,
      oldestAt: null,
      oldestSeconds: null,
      failedJobs: 0,
      understood: 3,
      understoodPerSecond: 0,
      made: 3,
      duplicate: 0,
      ignored: 0,
      dead: 0,
      deadLetters: 0,
    },
    redis: { usedBytes: 3_000_000, budgetBytes: 1_000_000_000, isPressed: false },
    workers: 1,
    openIssues: 0,
    totals: {
      accepted: 3,
      applied: 3,
      pendingRecords: 0,
      deadLetters: 0,
      oldestPendingSeconds: null,
      acceptedPerSecond: 0,
      endedPerSecond: 0,
    },
    destinations: [...destinations],
    ...more,
  };
}
