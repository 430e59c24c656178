import { z } from "zod";
import { deadLetterRow } from "./dead-letter.ts";
import { json, recordKey, time } from "./shape.ts";

/** `quiet`: nothing is pending. `flying`: a request with it may be under way. */
const recordState = z.enum(["quiet", "due", "waiting", "flying", "parked", "dead"]);

/** The kind of key that names a record. */
export const recordQuery = z.object({ by: z.enum(["external_id", "name"]).default("external_id") });

/** A change's place in the order of all changes of its record. */
export const stamp = z.object({
  /** A whole number, or an RFC 3339 time. */
  version: z.string(),
  /** The place of its source in the configuration, from 0: of two equal versions the later source wins. */
  rank: z.number(),
  /** The source that stands in this place now; null: none does. */
  source: z.string().nullable(),
  /** Null: the release before made the stamp. */
  arrivedAt: time.nullable(),
});
export type ShownStampJson = z.infer<typeof stamp>;

const pendingValue = stamp.extend({ value: json });

export const recordRow = recordKey.extend({
  state: recordState,
  /** Since when something of the record is pending. */
  sinceAt: time.nullable(),
  dueAt: time.nullable(),
  attempts: z.number(),
  lastFailure: z.string().nullable(),
});
export type RecordRowJson = z.infer<typeof recordRow>;

export const recordList = z.object({
  items: z.array(recordRow),
  /** Whether there are more records than these. */
  isCut: z.boolean(),
});
export const recordListQuery = z.object({
  list: z.enum(["pending", "parked"]).default("pending"),
  destination: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const record = recordRow.extend({
  now: time,
  /** Reasons why nothing of the record goes out now, the nearest first; `untilAt` null: until somebody ends it. */
  waitsFor: z.array(z.object({ code: z.string(), text: z.string(), untilAt: time.nullable() })),
  fields: z.array(
    z.object({
      /** `name` for the record's own. */
      field: z.string(),
      /** The stamp that the destination confirmed last; the destination alone keeps the value. */
      confirmed: stamp.nullable(),
      /** A newer value, not yet confirmed. */
      pending: pendingValue.nullable(),
      /** A value that the destination refused by the field's name: not sent again until something newer comes. */
      aside: pendingValue.nullable(),
    }),
  ),
  /** The change that deletes, or deleted, the record. */
  deleted: stamp.extend({ isConfirmed: z.boolean() }).nullable(),
  /** Changes that have no outcome yet, by source, and the ids of the events that made them. */
  open: z.record(z.string(), z.number()),
  events: z.array(z.string()),
  failingSinceAt: time.nullable(),
  /** The flight under way; `job`: the destination's job that carries the record. */
  flight: z.object({ token: z.string(), job: z.string().nullable() }).nullable(),
  /** A job that was posted, and whose id nobody knows, may carry the record. */
  isPosted: z.boolean(),
  letter: deadLetterRow.nullable(),
  /** A write that was given up was confirmed later: the destination may hold an older value. */
  isDoubtful: z.boolean(),
});
export type ShownRecord = z.infer<typeof record>;

export const recordActed = z.object({
  /** `none`: nothing of the record is pending, or known. `flying`: a request with it is under way, or may still land; nothing was done. */
  result: z.enum(["none", "parked", "waiting", "due", "flying", "forgotten"]),
  /** The record as it is now; null: nothing is known of it. */
  record: record.nullable(),
});
