import { z } from "zod";

/** What is wrong with a member of what was sent: a machine's word and a sentence. */
const complaint = z.object({ description: z.string(), error: z.string().optional() });

/** The bodies that refuse (§5): three envelopes, which the vendor mixes. */
export const errorEnvelope = z.union([
  z.object({
    error: z.string(),
    description: z.string().optional(),
    /** Of `/oauth/tokens`, in place of the description. */
    error_description: z.string().optional(),
    /** Of a 422: by member, `base` for the whole. */
    details: z.record(z.string(), z.array(complaint)).optional(),
    /** The highest token that has written the key, in a StaleFence. */
    newest_fence: z.string().optional(),
    /** Of TooManyJobs. */
    current_job_ids: z.array(z.string()).optional(),
  }),
  z.object({ error: z.object({ title: z.string(), message: z.string() }) }),
  z.object({
    errors: z.array(
      z.object({ code: z.string(), title: z.string(), detail: z.string().optional(), status: z.string().optional() }),
    ),
  }),
]);
