import { z } from "zod";
import { LIMITS } from "./limits.ts";

/** The actions of a bulk job (§10). */
export const JOB_ACTIONS = [
  "create",
  "update",
  "delete",
  "delete_by_external_id",
  "create_or_update_by_external_id",
  "create_or_update_by_name",
] as const;
export type JobAction = (typeof JOB_ACTIONS)[number];

/** A bulk job as it is sent. The form of its items depends on the action, and a bad item fails alone. */
export const jobAsSent = z.object({
  action: z.enum(JOB_ACTIONS),
  items: z.array(z.unknown()).min(1).max(LIMITS.bulkItems),
});
export type JobAsSent = z.infer<typeof jobAsSent>;

/** The vendor's words for a job's status; the store says no others. */
export const JOB_STATUSES = ["queued", "working", "completed", "failed"] as const;

/** The result of one item. `id` and `external_id` are there when they are known. */
export const jobResult = z.object({
  index: z.number(),
  id: z.string().optional(),
  external_id: z.string().optional(),
  status: z.string(),
  errors: z
    .array(
      z.object({
        code: z.string(),
        title: z.string(),
        detail: z.string().optional(),
        newest_fence: z.string().optional(),
      }),
    )
    .optional(),
});
export type JobResult = z.infer<typeof jobResult>;

/** A job as it is returned. A job completes even when items failed. */
export const jobStatus = z.object({
  id: z.string(),
  job_type: z.string(),
  url: z.string(),
  total: z.number(),
  progress: z.number().nullable(),
  status: z.enum(JOB_STATUSES),
  message: z.string().nullable(),
  results: z.array(jobResult).nullable(),
});
export type JobStatus = z.infer<typeof jobStatus>;
