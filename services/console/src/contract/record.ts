import { z } from "zod";
import { letterRow } from "./letter.ts";
import { json, recordKey, time } from "./shape.ts";

/** `quiet`: nothing is pending. `flying`: a request with it may be under way. */
const recordState = z.enum(["quiet", "due", "waiting", "flying", "parked", "dead"]);

/** By what a record is named. */
export const recordQuery = z.object({ by: z.enum(["external_id", "name"]).default("external_id") });

/** A change's place in the order of all changes of its record. */
export const stamp = z.object({
  /** A whole number, or an RFC 3339 time. */
  version: z.string(),
  /** The place of its source in the configuration, from 0: of two equal versions the later source wins. */
  rank: z.number(),
  /** The source that stands in this place now; null: none does. */
  source: z.string().nullable(),
  /** Null: the release before made it. */
  arrivedAt: time.nullable(),
});
export type ShownStamp = z.infer<typeof stamp>;

const pendingValue = stamp.extend({ value: json });

export const recordRow = recordKey.extend({
  state: recordState,
  /** Since when something of it is pending. */
  sinceAt: time.nullable(),
  dueAt: time.nullable(),
  attempts: z.number(),
  lastFailure: z.string().nullable(),
});
export type RecordRow = z.infer<typeof recordRow>;

export const recordList = z.object({
  items: z.array(recordRow),
  /** Whether there are more than these. */
  isCut: z.boolean(),
});
export const recordListQuery = z.object({
  list: z.enum(["pending", "parked"]).default("pending"),
  destination: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const record = recordRow.extend({
  now: time,
  /** Why nothing of it goes out now, the nearest first; `untilAt` null: until somebody ends it. */
  waitsFor: z.array(z.object({ code: z.string(), text: z.string(), untilAt: time.nullable() })),
  fields: z.array(
    z.object({
      /** `name` for the record's own. */
      field: z.string(),
      /** What the destination confirmed last; its value is kept by the destination alone. */
      confirmed: stamp.nullable(),
      /** Newer, and not yet confirmed. */
      pending: pendingValue.nullable(),
      /** Refused by the destination by its name: not sent again until something newer comes. */
      aside: pendingValue.nullable(),
    }),
  ),
  /** The change that deletes, or deleted, it. */
  deleted: stamp.extend({ isConfirmed: z.boolean() }).nullable(),
  /** Changes that have no outcome yet, by source, and the ids of the events that made them. */
  open: z.record(z.string(), z.number()),
  events: z.array(z.string()),
  failingSinceAt: time.nullable(),
  /** `job`: the destination's, that carries it. */
  flight: z.object({ token: z.string(), job: z.string().nullable() }).nullable(),
  /** A job that was posted, and whose id nobody knows, may carry it. */
  isPosted: z.boolean(),
  letter: letterRow.nullable(),
  /** A write that was given up was confirmed later: the destination may hold an older value. */
  isDoubtful: z.boolean(),
});
export type ShownRecord = z.infer<typeof record>;

export const recordActed = z.object({
  /** `none`: nothing of it is pending, or known. `flying`: a request with it is under way, or may still land; nothing was done. */
  result: z.enum(["none", "parked", "waiting", "due", "flying", "forgotten"]),
  /** As it is now; null: nothing is known of it. */
  record: record.nullable(),
});
