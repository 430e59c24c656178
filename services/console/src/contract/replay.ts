import { z } from "zod";
import { eventFilter, eventName } from "./event.ts";
import { json, pageSchema, recordKey, time } from "./shape.ts";

/** The events to be understood again, under the mapping as it is now. */
export const replayQuestion = z.object({
  filter: eventFilter,
  /** Events of which the mapping makes the same as before: their changes would be written once more, and change nothing. */
  unchanged: z.enum(["skip", "send"]).default("skip"),
});

/** How an event's changes under the mapping as it is now differ from those that were made of it. `taken_back`: there are none any more; the values that it wrote stay. */
export const EVENT_DIFFERENCES = [
  "unchanged",
  "changed",
  "newly_wanted",
  "taken_back",
  "mended",
  "dead",
  "ignored",
  "fetched_again",
] as const;

/** Why a webhook can't be understood again. `repeated`: an earlier delivery of its events stands, or is replayed. */
export const LEFT_OUT_REASONS = ["redacted", "cut", "document", "repeated", "source_unknown", "unreadable"] as const;

const fieldWould = z.enum(["set", "changed", "cleared", "same", "stale", "dropped"]);

/** A replay's effect, foreseen. Nothing is done. */
export const replayPlan = z.object({
  plannedAt: time,
  /** From then on it can't be run. */
  expiresAt: time,
  /** Events that the filter means, and all events of their webhooks: a webhook is understood as a whole. */
  chosen: z.number(),
  webhooks: z.number(),
  events: z.number(),
  /** Webhooks that would be understood again; the others make no difference, or are left out. */
  replayed: z.number(),
  /** Events by what would become of them. */
  would: z.partialRecord(z.enum(EVENT_DIFFERENCES), z.number()),
  /** Webhooks that can't be understood again, by why. */
  leftOut: z.partialRecord(z.enum(LEFT_OUT_REASONS), z.number()),
  /** Records that the replayed events speak of, and those of which a value would be written. Up to a few thousand exact, from there on within a hundredth. */
  records: z.number(),
  written: z.number(),
  /** Changes of which nothing would come: their records hold newer values. */
  staleChanges: z.number(),
  /**
   * Fields, by how many changes would set one that the event did not speak of, change, clear or leave its value, or find a newer one
   * (`stale`). `dropped`: the mapping no longer yields it, and the value stays.
   */
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
      dropped: z.number(),
    }),
  ),
  /** Rows that would fail: each event is a dead letter. */
  faults: z.array(z.object({ place: z.string(), message: z.string(), events: z.number(), sample: eventName })),
  /** Records that would differ, as an example: the first that were found. */
  samples: z.array(
    z.object({
      record: recordKey,
      event: eventName,
      effect: z.enum(["fields", "delete"]),
      fields: z.array(
        z.object({
          field: z.string(),
          /** The value that the event brought when it came in. Long values are cut, and end with `…`. */
          before: json,
          /** False: the event did not speak of the field, or its value is not in the history. */
          isBeforeKnown: z.boolean(),
          after: json,
          would: fieldWould,
        }),
      ),
    }),
  ),
  /** Requests by destination, at most: several records may share one. `seconds`: at the present quota; null: nobody knows. */
  calls: z.array(z.object({ destination: z.string(), requests: z.number(), seconds: z.number().nullable() })),
  seconds: z.number().nullable(),
  /** The times that the history lacks, in sentences: what came in then is not replayed. */
  gaps: z.array(z.string()),
});
export type ReplayPlan = z.infer<typeof replayPlan>;

export const replayJson = z.object({
  id: z.string(),
  /** planning → planned → running ⇄ paused → done; `aborted` and `failed` at any time. */
  state: z.enum(["planning", "planned", "running", "paused", "done", "aborted", "failed"]),
  by: z.string(),
  createdAt: time,
  /** Times are absolute here: what came in after the planning began is no part of it. */
  filter: eventFilter,
  unchanged: z.enum(["skip", "send"]),
  /** The number that its changes carry; null: it was not run. */
  run: z.number().nullable(),
  /** While it is planned: webhooks looked at, and when the last of them came in; the oldest come first. */
  looked: z.object({ webhooks: z.number(), at: time.nullable() }),
  plan: replayPlan.nullable(),
  /** Why it can't be run, or go on; null: it can. */
  stale: z.string().nullable(),
  /** While it runs, and after: webhooks handed over to be understood, of how many. */
  progress: z
    .object({
      done: z.number(),
      of: z.number(),
      secondsLeft: z.number().nullable(),
      /**
       * `queue`: the ones handed over are not understood yet, live webhooks go first. `destination`: one has enough to write, or is held.
       * `redis`: Redis is too full for more. `dead_letters`: those of its source have no room. Null: it does not wait.
       */
      waitsFor: z.enum(["queue", "destination", "redis", "dead_letters"]).nullable(),
      startedAt: time,
      endedAt: time.nullable(),
    })
    .nullable(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
});
export type Replay = z.infer<typeof replayJson>;
export const replayPage = pageSchema(replayJson);
