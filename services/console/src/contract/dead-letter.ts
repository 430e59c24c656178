import { z } from "zod";
import { json, pageSchema, pageQuery, recordKey, time } from "./shape.ts";

/** Which dead letters are meant. Every filter that is given must hold. */
export const deadLetterFilterJson = z.object({
  destination: z.string().optional(),
  object: z.string().optional(),
  key: z.string().optional(),
  source: z.string().optional(),
  code: z.string().optional(),
  /** A cause, by the id that a group has. */
  group: z.string().optional(),
  since: z.string().optional(),
  until: z.string().optional(),
});
export type DeadLetterFilterJson = z.infer<typeof deadLetterFilterJson>;

export const deadLetterQuery = deadLetterFilterJson.extend(pageQuery.shape);

/** `record`: a write that was refused. `event`: a mapping that failed. `webhook`, `job`: one of the intake that was not understood. */
export const deadLetterKind = z.enum(["record", "event", "webhook", "job"]);

export const deadLetterRow = z.object({
  id: z.string(),
  kind: deadLetterKind,
  at: time,
  /** The destination; `intake` where the letter belongs to none. */
  destination: z.string(),
  object: z.string(),
  /** Null: the mapping could not say which record is meant. */
  record: recordKey.nullable(),
  code: z.string(),
  message: z.string(),
  sources: z.array(z.string()),
  /** How many events the letter's changes come from, and the id of the first. */
  events: z.number(),
  eventId: z.string().nullable(),
  attempts: z.number().nullable(),
  group: z.string(),
});
export type DeadLetterRow = z.infer<typeof deadLetterRow>;
/** Letters in the history, which does not answer or is not kept here: they are in none of the answer. */
const unreached = z.number();
export const deadLetterPage = pageSchema(deadLetterRow).extend({ unreached });

/** Dead letters of one cause: code, place, and the message without the parts that differ from record to record. */
export const deadLetterGroup = z.object({
  id: z.string(),
  destination: z.string(),
  object: z.string(),
  code: z.string(),
  message: z.string(),
  /** The expression that failed, as `sources.erp.records[0].version`. */
  place: z.string().nullable(),
  count: z.number(),
  firstAt: time,
  lastAt: time,
  sources: z.array(z.string()),
  sample: z.string(),
  /** The remedy in one sentence, by the code. */
  hint: z.string(),
});
export type DeadLetterGroup = z.infer<typeof deadLetterGroup>;
export const deadLetterGroups = z.object({ groups: z.array(deadLetterGroup), letters: z.number(), unreached });

export const deadLetterJson = deadLetterRow.extend({
  /** The events whose changes are in it. */
  refs: z.array(z.object({ source: z.string(), id: z.string() })),
  change: z
    .object({ delete: z.boolean(), fields: z.record(z.string(), json), aside: z.record(z.string(), json) })
    .nullable(),
  mapping: z.object({ place: z.string(), expression: z.string() }).nullable(),
  event: json.nullable(),
  request: json.nullable(),
  response: json.nullable(),
  /** Why parts are missing. */
  cut: z.string().nullable(),
  /** `fields`: of the record. `event`: members of the event, which is mapped again. `no`: replayed as it came. */
  editable: z.enum(["fields", "event", "no"]),
  hint: z.string(),
});
export type DeadLetterJson = z.infer<typeof deadLetterJson>;

export const deadLetterEditJson = z.object({
  /** Fields of the record by their key (`name` for its own), or members of the event by their path (`data.tier`). */
  set: z.record(z.string(), json).default({}),
  unset: z.array(z.string()).default([]),
});
export type DeadLetterEditJson = z.infer<typeof deadLetterEditJson>;

/** Letters by their ids, or all that a filter holds for. */
export const deadLetterSelection = z.union([
  z.object({ ids: z.array(z.string()).min(1).max(1000) }),
  z.object({ filter: deadLetterFilterJson }),
]);

export const deadLetterAct = z.enum(["replay", "discard"]);
export const deadLetterPlanQuestion = z.object({
  act: deadLetterAct,
  selection: deadLetterSelection,
  /** An edit, where the plan is of one letter alone. */
  edit: deadLetterEditJson.optional(),
});

export const deadLetterPlan = z.object({
  /** The plan's id, to carry it out with; letters that come later are no part of the plan. */
  plan: z.string(),
  act: deadLetterAct,
  expiresAt: time,
  letters: z.number(),
  /** Letters that are chosen too and are no part of the plan: it takes the newest 50,000. */
  more: z.number(),
  unreached,
  /** Counts of letters by what would be done with them. */
  would: z.record(z.enum(["send_again", "map_again", "understand_again", "discard", "leave"]), z.number()),
  /** Requests to destinations, and how long they take at the present quota. */
  requests: z.number(),
  seconds: z.number().nullable(),
  /** The first hundred letters. */
  items: z.array(
    z.object({
      letter: deadLetterRow,
      would: z.enum(["send_again", "map_again", "understand_again", "discard", "leave"]),
      /** Why the letter would be left. */
      why: z.string().nullable(),
      fields: z.array(z.object({ field: z.string(), before: json, after: json })),
    }),
  ),
});
export type DeadLetterPlan = z.infer<typeof deadLetterPlan>;
export const planChoice = z.object({ plan: z.string(), reason: z.string().max(500).optional() });

/** A place in a list of letters by when they were kept, as `sluice dead list` prints it. */
const letterPlace = z.object({ micros: z.number(), id: z.string() });
export const filedLetterQuery = deadLetterFilterJson.omit({ group: true }).extend({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(100),
});
/** A letter as Redis had it, for programs that act on letters by themselves. */
export const filedLetters = z.object({
  items: z.array(z.object({ letter: json, place: letterPlace })),
  next: letterPlace.nullable(),
});
export const filedLetter = z.object({ letter: json.nullable() });
export const filedRowQuery = z.object({
  row: z
    .string()
    .regex(/^\d{1,19}$/)
    .optional(),
});
export const broughtBack = z.object({ found: z.boolean() });
