import { z } from "zod";
import { pageSchema, time } from "./shape.ts";

/** Work that takes longer than a request. It goes on without the page, and survives this process where it says so. */
export const task = z.object({
  id: z.string(),
  kind: z.enum(["letters.replay", "letters.discard"]),
  /** `lost`: its process ended; what it had done stays done, and it can be begun again. */
  state: z.enum(["running", "done", "aborted", "failed", "lost"]),
  by: z.string(),
  startedAt: time,
  endedAt: time.nullable(),
  done: z.number(),
  of: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  /** How many ended how: `replayed`, `gone`, `underway` … */
  results: z.record(z.string(), z.number()),
  /** The first hundred letters that were not done, and why. */
  problems: z.array(z.object({ id: z.string(), code: z.string(), why: z.string() })),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
});
export type Task = z.infer<typeof task>;
export const taskPage = pageSchema(task);
