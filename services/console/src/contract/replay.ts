import { z } from "zod";
import { eventFilter, eventName } from "./event.ts";
import { json, pageOf, recordKey, time } from "./shape.ts";
import { task } from "./task.ts";

/** Which events are understood again, under the mapping as it is now. */
export const replayQuestion = z.object({ filter: eventFilter });

/** What a replay would change, record by record and field by field. */
export const replayPlan = z.object({
  events: z.number(),
  webhooks: z.number(),
  /** Events that the mapping as it is now makes nothing of. */
  ignored: z.number(),
  faults: z.array(z.object({ place: z.string(), message: z.string(), events: z.number(), sample: eventName })),
  records: z.number(),
  /** Records of which at least one field would get another value than it was last given. */
  differing: z.number(),
  /** Changes that are older than what their records hold: nothing comes of them. */
  stale: z.number(),
  fields: z.array(
    z.object({
      destination: z.string(),
      object: z.string(),
      field: z.string(),
      set: z.number(),
      changed: z.number(),
      cleared: z.number(),
      same: z.number(),
      stale: z.number(),
    }),
  ),
  samples: z.array(
    z.object({
      record: recordKey,
      event: eventName,
      fields: z.array(
        z.object({
          field: z.string(),
          before: json,
          isBeforeKnown: z.boolean(),
          after: json,
          would: z.enum(["set", "clear", "same", "stale"]),
        }),
      ),
    }),
  ),
  /** Requests by destination, and how long they take at its present quota. */
  calls: z.array(z.object({ destination: z.string(), requests: z.number(), seconds: z.number().nullable() })),
  seconds: z.number().nullable(),
});
export type ReplayPlan = z.infer<typeof replayPlan>;

export const replay = z.object({
  id: z.string(),
  /** planning → planned → running ⇄ paused → done; `aborted`, `failed` at any time. */
  state: z.enum(["planning", "planned", "running", "paused", "done", "aborted", "failed"]),
  by: z.string(),
  createdAt: time,
  filter: eventFilter,
  /** The number that its changes carry; null: it was not run. */
  run: z.number().nullable(),
  /** While it is planned: events looked at. */
  planned: z.number(),
  plan: replayPlan.nullable(),
  task: task.nullable(),
});
export type Replay = z.infer<typeof replay>;
export const replayPage = pageOf(replay);
