import { z } from "zod";
import { outcomeCounts } from "./outcome.ts";
import { destinationNow } from "./now.ts";

/** A destination as it is configured, and as it is now. */
export const destination = z.object({
  now: destinationNow,
  /** The destination's address without path and credentials. */
  origin: z.string(),
  concurrency: z.number(),
  batch: z.number(),
  timeoutMs: z.number(),
  /** Whether the destination checks fencing tokens; null: not known yet. */
  fences: z.boolean().nullable(),
  settleAfterSilenceMs: z.number(),
  /** How requests are shared out under load; null: by age alone. */
  shares: z.array(z.object({ source: z.string(), share: z.number(), open: z.number() })).nullable(),
  objects: z.array(z.string()),
  outcomesBySource: z.array(
    z.object({
      source: z.string(),
      accepted: z.number(),
      ...outcomeCounts.shape,
      open: z.number(),
    }),
  ),
});
export type DestinationJson = z.infer<typeof destination>;
export const destinations = z.object({ destinations: z.array(destination) });

export const resumed = z.object({ was: z.string().nullable(), destination });
