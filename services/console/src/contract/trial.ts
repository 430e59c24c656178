import { z } from "zod";
import { stamp } from "./record.ts";
import { json, recordKey, time } from "./shape.ts";

export const trialQuestion = z.object({
  source: z.string(),
  /** A body, which is signed as its sender would; or a request as `{ headers, body }`, which is judged as it is if it is signed. Without it the sender's sample. */
  text: z.string().optional(),
  /** The type that the request is given. */
  type: z.string().max(500).optional(),
});

/** A webhook to be sent through the queue, in its sender's place. */
export const trialSending = trialQuestion.extend({
  /** Under the id that it has: a repetition of what was sent before. Without it under a new one, where its scheme has a place for one. */
  keepsId: z.boolean().default(false),
  reason: z.string().max(500).optional(),
});

/** The events of a webhook that was sent: their traces grow under these refs. */
export const sentTrial = z.object({ events: z.array(z.object({ ref: z.string(), id: z.string() })) });
export type SentTrial = z.infer<typeof sentTrial>;

const step = z.object({
  /** `when`, `external_id`, `version`, `name`, `fields.email`. */
  member: z.string(),
  expression: z.string(),
  /** `nothing`: its field is left out. */
  yields: z.enum(["value", "nothing", "fault"]),
  value: json,
  fault: z.string().nullable(),
});

const change = z.object({
  record: recordKey,
  effect: z.enum(["fields", "delete"]),
  /** A whole number, or an RFC 3339 time; null: the arrival is the version. */
  version: z.string().nullable(),
  fields: z.array(
    z.object({
      field: z.string(),
      value: json,
      /** `stale`: the record has had a newer value of it, which stands in `against`. */
      would: z.enum(["set", "stale"]),
      against: stamp.nullable(),
    }),
  ),
  /** The exact request, without its credentials; null: a worker fetches the document first. */
  request: z.object({ method: z.string(), url: z.string(), body: json }).nullable(),
});

export const trial = z.object({
  verified: z.object({
    isAuthentic: z.boolean(),
    /** Why the request is not authentic. */
    reason: z.string().nullable(),
    secretNumber: z.number().nullable(),
    grade: z.string(),
    /** `nobody`: its sender alone has the key. It is mapped all the same. */
    signedBy: z.enum(["sluice", "sender", "nobody"]),
  }),
  /** Why the body could not be read. */
  unreadable: z.string().nullable(),
  events: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      time: time.nullable(),
      isThin: z.boolean(),
      /** The names that expressions can ask for. */
      sees: json,
      rows: z.array(z.object({ place: z.string(), isWanted: z.boolean(), steps: z.array(step) })),
      faults: z.array(z.object({ place: z.string(), expression: z.string(), code: z.string(), message: z.string() })),
      changes: z.array(change),
    }),
  ),
});
export type ShownTrial = z.infer<typeof trial>;
