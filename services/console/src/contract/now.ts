import { z } from "zod";
import { outcomeCounts } from "./outcome.ts";
import { time } from "./shape.ts";

export const hold = z.object({
  /** breaker, rate_limit, credentials, operator … */
  reason: z.string(),
  /** The same as a part of a sentence: "it failed too often in a row". */
  says: z.string(),
  /** The reason that an operator gave; null for any other hold. */
  note: z.string().nullable(),
  /** When one request tries whether the hold is over; null: not before it is resumed. */
  probeAt: time.nullable(),
  seconds: z.number().nullable(),
});

export const destinationNow = z.object({
  name: z.string(),
  /** The destination's kind; `fetch`: the documents that a source's events ask for. */
  kind: z.string(),
  state: z.enum(["flowing", "recovering", "held"]),
  hold: hold.nullable(),
  /** Requests in flight that a recovery allows; null: none is under way. */
  recoveryAllows: z.number().nullable(),
  /** Changes. accepted = outcomes + open. */
  accepted: z.number(),
  outcomes: outcomeCounts,
  open: z.number(),
  pendingRecords: z.number(),
  oldestPendingAt: time.nullable(),
  oldestPendingSeconds: z.number().nullable(),
  deadLetters: z.number(),
  doubtfulRecords: z.number(),
  breaker: z.object({
    state: z.enum(["closed", "open", "half-open"]),
    /** Outages in a row: each holds twice as long as the one before. */
    outages: z.number(),
  }),
  quota: z.object({
    /** The quota that the fleet goes by now. */
    requestsPerMinute: z.number(),
    configured: z.number(),
    /** The quota that the destination tells; null: none yet. */
    said: z.number().nullable(),
    /** The part of the quota that is used, less after a 429. */
    share: z.number(),
  }),
  /** The time until the backlog is gone at the present rate; null: not enough was seen, or nothing ends. */
  forecastSeconds: z.number().nullable(),
  /** Rates over the last ten seconds. */
  acceptedPerSecond: z.number(),
  endedPerSecond: z.number(),
});
export type DestinationNow = z.infer<typeof destinationNow>;

export const now = z.object({
  at: time,
  /** The state of the whole fleet in one sentence, the worst first. */
  headline: z.string(),
  intake: z.object({
    waitingWebhooks: z.number(),
    waitingBytes: z.number(),
    oldestAt: time.nullable(),
    oldestSeconds: z.number().nullable(),
    /** Jobs that wait for an operator. */
    failedJobs: z.number(),
    understood: z.number(),
    understoodPerSecond: z.number(),
    made: z.number(),
    duplicate: z.number(),
    ignored: z.number(),
    dead: z.number(),
    deadLetters: z.number(),
  }),
  redis: z.object({ usedBytes: z.number(), budgetBytes: z.number().nullable(), isPressed: z.boolean() }),
  workers: z.number(),
  openIssues: z.number(),
  /** Sums over the destinations. */
  totals: z.object({
    accepted: z.number(),
    applied: z.number(),
    pendingRecords: z.number(),
    deadLetters: z.number(),
    oldestPendingSeconds: z.number().nullable(),
    acceptedPerSecond: z.number(),
    endedPerSecond: z.number(),
  }),
  destinations: z.array(destinationNow),
});
export type Now = z.infer<typeof now>;

export const seriesQuery = z.object({
  minutes: z.coerce.number().int().min(1).max(60).default(15),
  destination: z.string().optional(),
});

/** The fleet since this process began to look, at most an hour: points of two seconds, in columns as charts take them. */
export const series = z.object({
  /** Seconds since 1970. */
  at: z.array(z.number()),
  acceptedPerSecond: z.array(z.number().nullable()),
  endedPerSecond: z.array(z.number().nullable()),
  waitingWebhooks: z.array(z.number().nullable()),
  pendingRecords: z.array(z.number().nullable()),
});
export type Series = z.infer<typeof series>;
