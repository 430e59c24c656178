import { z } from "zod";

/**
 * How one change of a record ended. `pending`: it has not. `duplicate`: the event was merged before. `ignored`: no mapping wanted the
 * event. `unknown`: it ended while the history was away or off.
 */
export const outcome = z.enum([
  "pending",
  "applied",
  "merged",
  "superseded",
  "unchanged",
  "dead",
  "discarded",
  "duplicate",
  "ignored",
  "unknown",
]);
export type Outcome = z.infer<typeof outcome>;

/** Counts of changes by how they ended. */
export const outcomeCounts = z.object({
  applied: z.number(),
  merged: z.number(),
  superseded: z.number(),
  unchanged: z.number(),
  dead: z.number(),
  discarded: z.number(),
});
