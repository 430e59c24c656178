import { z } from "zod";
import { json, recordKey, time } from "./shape.ts";
import { decidedBy, stamp } from "./stamp.ts";

/** A body that is pasted, a whole request, an event of the past, or a sample of the sender's. */
export const trialQuestion = z.object({
  source: z.string(),
  from: z.union([
    /** Signed as the sender would, with the first secret. */
    z.object({ body: z.string().max(1_048_576), type: z.string().optional() }),
    /** Judged as it is. */
    z.object({ request: z.object({ headers: z.record(z.string(), z.string()), body: z.string().max(1_048_576) }) }),
    z.object({ ref: z.string() }),
    z.object({ sample: z.string().nullable() }),
  ]),
});
export type TrialQuestion = z.infer<typeof trialQuestion>;

export const step = z.object({
  /** `when`, `external_id`, `version`, `name`, `fields.email`. */
  member: z.string(),
  expression: z.string(),
  /** `nothing`: its field is left out. */
  yields: z.enum(["value", "nothing", "fault"]),
  value: json,
  fault: z.string().nullable(),
});

export const tried = z.object({
  record: recordKey,
  effect: z.enum(["fields", "delete"]),
  stamp,
  /** Against what is known of the record now. */
  fields: z.array(
    z.object({
      field: z.string(),
      value: json,
      /** What is known of it now. */
      current: json,
      isCurrentKnown: z.boolean(),
      would: z.enum(["set", "clear", "same", "stale"]),
      decidedBy: decidedBy.nullable(),
    }),
  ),
  /** The exact request; null: a worker fetches the document first. */
  request: z
    .object({ method: z.string(), url: z.string(), headers: z.record(z.string(), z.string()), body: json })
    .nullable(),
});

export const trial = z.object({
  /** To be sent with; null: there is nothing to send. */
  trial: z.string().nullable(),
  expiresAt: time.nullable(),
  verified: z.object({
    isAuthentic: z.boolean(),
    reason: z.string().nullable(),
    secretNumber: z.number().nullable(),
    grade: z.string(),
    /** Who made the signature that was judged; `nobody`: an event of the past was proven at the door. */
    signedBy: z.enum(["sluice", "sender", "nobody"]),
  }),
  /** Why the body could not be read. */
  unreadable: z.string().nullable(),
  events: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      time: z.string().nullable(),
      isThin: z.boolean(),
      /** The names that expressions can ask for. */
      sees: json,
      rows: z.array(z.object({ place: z.string(), isWanted: z.boolean(), steps: z.array(step) })),
      faults: z.array(z.object({ place: z.string(), expression: z.string(), code: z.string(), message: z.string() })),
      changes: z.array(tried),
    }),
  ),
});
export type Trial = z.infer<typeof trial>;

/** Through the queue like any event, as if it had just come in; the way of each can be followed under its ref. */
export const trialSent = z.object({ refs: z.array(z.string()) });
export const trialChoice = z.object({ trial: z.string() });

export const samples = z.object({ samples: z.array(z.object({ type: z.string(), body: z.string() })) });
