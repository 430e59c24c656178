import { z } from "zod";
import { eventName } from "./event.ts";
import { flight } from "./flight.ts";
import { letterRow } from "./letter.ts";
import { json, pageOf, pageQuery, recordKey, time } from "./shape.ts";
import { decidedBy, stamp } from "./stamp.ts";

export const recordState = z.enum(["quiet", "due", "waiting", "flying", "parked", "dead"]);

export const recordQuery = pageQuery.extend({
  destination: z.string().optional(),
  object: z.string().optional(),
  /** A key as a whole, or its beginning with `*` behind it. */
  key: z.string().optional(),
  /** `pending`: the longest pending first. `recent`: the last that changed first. */
  list: z.enum(["recent", "pending", "dead", "parked", "doubtful"]).default("recent"),
});

export const recordRow = recordKey.extend({
  state: recordState,
  /** Since when something of it is pending. */
  sinceAt: time.nullable(),
  dueAt: time.nullable(),
  attempts: z.number(),
  lastFailure: z.string().nullable(),
  /** Changes without an outcome. */
  open: z.number(),
  lastEventAt: time.nullable(),
});
export type RecordRow = z.infer<typeof recordRow>;

export const recordPage = pageOf(recordRow);

/** A value of a field, and the change that brought it. */
export const provenance = z.object({
  value: json,
  /** False: the history does not have it, and `value` is null. */
  isKnown: z.boolean(),
  event: eventName,
  stamp,
  mapping: z.string().nullable(),
  /** Where it was confirmed; null: it was not. */
  confirmedAt: time.nullable(),
});
export type Provenance = z.infer<typeof provenance>;

/** A value that lost, and to which one. */
export const staleValue = provenance.extend({
  /** `stale`: older when it came. `overtaken`: newer when it came, and replaced before it was sent. */
  was: z.enum(["stale", "overtaken"]),
  because: z.object({ event: eventName, stamp, decidedBy, text: z.string() }),
});

/** One field of a record, explained. */
export const fieldTrace = z.object({
  /** `name` for the record's own. */
  field: z.string(),
  /** What the destination confirmed last. */
  confirmed: provenance.nullable(),
  /** Newer, and not yet confirmed. */
  pending: provenance.nullable(),
  /** Refused by the destination by its name; not sent again until something newer comes. */
  aside: provenance.nullable(),
  /** What `confirmed` replaced, newest first. */
  replaced: z.array(provenance),
  /** What was refused as older, newest first. */
  refused: z.array(staleValue),
});
export type FieldTrace = z.infer<typeof fieldTrace>;

export const recordTrace = z.object({
  record: recordRow,
  now: time,
  /** Why nothing goes out, in sentences, the nearest cause first: parked, its wait, the object's or the destination's hold. */
  waitsFor: z.array(z.object({ code: z.string(), text: z.string(), untilAt: time.nullable() })),
  fields: z.array(fieldTrace),
  deleted: z.object({ event: eventName, stamp, isConfirmed: z.boolean() }).nullable(),
  openBySource: z.record(z.string(), z.number()),
  /** Events whose changes have no outcome yet. */
  openEvents: z.array(eventName),
  failingSinceAt: time.nullable(),
  /** Under way, if the record is flying. */
  flight: flight.nullable(),
  /** The last ones, newest first. */
  flights: z.array(flight),
  letter: letterRow.nullable(),
  /** A write that was given up was confirmed later: the destination may hold an older value. */
  isDoubtful: z.boolean(),
  gaps: z.array(z.string()),
});
export type RecordTrace = z.infer<typeof recordTrace>;

/** What happened to a record, newest first. */
export const timelineEntry = z.object({
  at: time,
  what: z.enum(["change", "attempt", "outcome", "hold", "operator"]),
  text: z.string(),
  event: eventName.nullable(),
  flight: flight.nullable(),
  fields: z.array(z.object({ field: z.string(), value: json, before: json })),
});
export const timelinePage = pageOf(timelineEntry);

export const recordActed = z.object({
  /** `none`: nothing of it is pending. `flying`: a request with it is under way, nothing was done. */
  result: z.enum(["parked", "waiting", "retried", "forgotten", "none", "flying"]),
  record: recordRow,
});
export const reason = z.object({ reason: z.string().max(500).optional() });
