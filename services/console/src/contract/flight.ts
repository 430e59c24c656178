import { z } from "zod";
import { json, recordKey, time } from "./shape.ts";

/** One attempt to write one record. */
export const flight = z.object({
  ref: z.string(),
  record: recordKey,
  /** The fencing token. */
  token: z.string(),
  /** From 1. */
  attempt: z.number(),
  isProbe: z.boolean(),
  effect: z.enum(["fields", "delete"]),
  claimedAt: time,
  /** Null: nothing was sent. */
  sentAt: time.nullable(),
  endedAt: time.nullable(),
  /** From sent to answered. */
  durationMs: z.number().nullable(),
  /** Records that shared its request. */
  records: z.number(),
  /** The destination's name of the job that carried it. */
  job: z.string().nullable(),
  /** The destination's own word: a status, or why there is none. */
  status: z.string().nullable(),
  /** What it means: DESIGN's classes of answers. */
  answer: z
    .enum([
      "done",
      "gone",
      "superseded",
      "record",
      "again",
      "slow",
      "down",
      "unknown",
      "credentials",
      "stop",
      "split",
      "none",
    ])
    .nullable(),
  /** `flying`: it is under way. `unsent`: given back, no attempt was spent. */
  verdict: z.enum(["flying", "settled", "retry", "held", "object_held", "buried", "set_aside", "unsent", "lost"]),
  code: z.string().nullable(),
  message: z.string().nullable(),
  fields: z.array(z.string()),
  request: json.nullable(),
  response: json.nullable(),
});
export type Flight = z.infer<typeof flight>;
