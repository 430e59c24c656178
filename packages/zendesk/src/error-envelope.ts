import { z } from "zod";

/** A complaint about a member of the request: a sentence and a machine's word. */
const complaint = z.object({ description: z.string(), error: z.string().optional() });

/** The bodies that refuse (§5): three envelopes, which the vendor mixes. */
export const errorEnvelope = z.union([
  z.object({
    error: z.string(),
    description: z.string().optional(),
    /** The description in an answer of `/oauth/tokens`. */
    error_description: z.string().optional(),
    /** The complaints of a 422 by member; `base`: the whole record. */
    details: z.record(z.string(), z.array(complaint)).optional(),
    /** The highest token that has written the key, in a StaleFence. */
    newest_fence: z.string().optional(),
    /** The live jobs, in a TooManyJobs. */
    current_job_ids: z.array(z.string()).optional(),
  }),
  z.object({ error: z.object({ title: z.string(), message: z.string() }) }),
  z.object({
    errors: z.array(
      z.object({ code: z.string(), title: z.string(), detail: z.string().optional(), status: z.string().optional() }),
    ),
  }),
]);
