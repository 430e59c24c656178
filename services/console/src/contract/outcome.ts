import { z } from "zod";

/** Counts of changes by how they ended. */
export const outcomeCounts = z.object({
  applied: z.number(),
  merged: z.number(),
  superseded: z.number(),
  unchanged: z.number(),
  dead: z.number(),
  discarded: z.number(),
});
