import { SHOWN_OUTCOMES } from "@sluice/history";
import { z } from "zod";
import { json, pageSchema, pageQuery, recordKey, time } from "./shape.ts";

const outcome = z.enum(SHOWN_OUTCOMES);
export type EventOutcome = z.infer<typeof outcome>;

/** Which events are meant. Every filter that is given must hold. */
export const eventFilter = z.object({
  destination: z.string().optional(),
  object: z.string().optional(),
  /** The record's key as a whole. */
  key: z.string().optional(),
  /** The event's id as its sender gave it, as a whole. */
  event: z.string().optional(),
  source: z.string().optional(),
  type: z.string().optional(),
  outcome: outcome.optional(),
  /** The reason of a dead letter. */
  code: z.string().optional(),
  /** RFC 3339, or how long ago: 30m, 2h, 7d. */
  since: z.string().optional(),
  until: z.string().optional(),
  /** Text that the webhook's body holds, case aside. */
  text: z.string().min(2).max(200).optional(),
});
export const eventQuery = pageQuery.extend(eventFilter.shape);

/** Names one event; `ref` null: the history does not have it. */
export const eventName = z.object({
  ref: z.string().nullable(),
  id: z.string().nullable(),
  source: z.string().nullable(),
  type: z.string().nullable(),
  arrivedAt: time.nullable(),
});

export type EventNameJson = z.infer<typeof eventName>;

/** One delivery of one event, as a list shows it. */
const eventRow = z.object({
  /** The only name of a delivery that is never shared. */
  ref: z.string(),
  /** The sender's own id; several deliveries, and several sources, may have one in common. */
  id: z.string(),
  source: z.string(),
  type: z.string(),
  time: z.string().nullable(),
  arrivedAt: time,
  /** 0, or the number of the replay in which the event was understood. */
  run: z.number(),
  outcome,
  /** Why the event is dead, or why its last attempt failed. */
  code: z.string().nullable(),
  changes: z.number(),
  /** The first five records. */
  records: z.array(recordKey).readonly(),
});
export const eventPage = pageSchema(eventRow);
export type EventPage = z.infer<typeof eventPage>;

const stamp = z.object({
  /** A whole number, or a time to the microsecond; for a mapping by `arrival` the time of arrival. */
  version: z.string(),
  versionKind: z.enum(["time", "integer", "arrival"]),
  rank: z.number(),
  finer: z.string().nullable(),
  arrivedAt: time.nullable(),
  run: z.number(),
});
export type EventStamp = z.infer<typeof stamp>;

/** One attempt to write one record. */
const flight = z.object({
  ref: z.string(),
  record: recordKey,
  token: z.string(),
  attempt: z.number(),
  isProbe: z.boolean(),
  effect: z.enum(["fields", "delete"]),
  claimedAt: time,
  sentAt: time.nullable(),
  endedAt: time.nullable(),
  durationMs: z.number().nullable(),
  /** Records that shared the flight's request. */
  records: z.number(),
  job: z.string().nullable(),
  /** The destination's own word: a status, or why there is none. */
  status: z.string().nullable(),
  answer: z.string().nullable(),
  verdict: z.enum([
    "settled",
    "superseded",
    "unchanged",
    "emptied",
    "retry",
    "held",
    "object_held",
    "buried",
    "set_aside",
    "cut_off",
    "lost",
  ]),
  code: z.string().nullable(),
  message: z.string().nullable(),
  fields: z.array(z.string()).readonly(),
  request: json,
  response: json,
});

export type FlightJson = z.infer<typeof flight>;

/** The change that a value lost to, and why. */
const because = z.object({
  event: eventName,
  stamp,
  decidedBy: z.enum(["version", "rank", "finer", "arrival", "run", "deleted"]),
  text: z.string(),
});

const changeTrace = z.object({
  record: recordKey,
  effect: z.enum(["fields", "delete"]),
  stamp,
  /** The mapping's row; null: several rows may have made it. */
  mapping: z.string().nullable(),
  fields: z
    .array(
      z.object({
        field: z.string(),
        value: json,
        /** False: a source's `redact` keeps it out, and `value` is null. */
        isKnown: z.boolean(),
        /** `overtaken`: the value was newer when it came, and was replaced before it was sent. `stale`: it was older when it came. */
        became: z.enum(["written", "overtaken", "stale", "refused", "pending", "unchanged", "discarded", "unknown"]),
        because: because.nullable(),
      }),
    )
    .readonly(),
  outcome,
  code: z.string().nullable(),
  message: z.string().nullable(),
  endedAt: time.nullable(),
  mergedWith: z.array(eventName).readonly(),
  flights: z.array(flight).readonly(),
});

export type ChangeTraceJson = z.infer<typeof changeTrace>;

/** The whole way of one delivery of an event. */
export const eventTrace = z.object({
  event: eventRow.extend({ isThin: z.boolean(), operation: z.literal("delete").nullable() }),
  webhook: z
    .object({
      ref: z.string(),
      source: z.string(),
      arrivedAt: time,
      method: z.string(),
      url: z.string(),
      query: z.string(),
      headers: z.array(z.tuple([z.string(), z.string()]).readonly()).readonly(),
      body: z.string(),
      bodyBytes: z.number(),
      isCut: z.boolean(),
      /** The paths whose values were taken out. */
      redacted: z.array(z.string()).readonly(),
      secretNumber: z.number(),
      events: z.array(eventName).readonly(),
    })
    .nullable(),
  /** Repetitions and replays of the same event. */
  deliveries: z.array(eventRow).readonly(),
  changes: z.array(changeTrace).readonly(),
  faults: z
    .array(
      z.object({
        destination: z.string(),
        object: z.string(),
        code: z.string(),
        place: z.string(),
        expression: z.string(),
        message: z.string(),
      }),
    )
    .readonly(),
  steps: z
    .array(
      z.object({
        at: time,
        what: z.enum(["received", "understood", "merged", "sent", "answered", "waits", "held", "ended", "acted"]),
        text: z.string(),
        record: recordKey.nullable(),
        tookMs: z.number().nullable(),
      }),
    )
    .readonly(),
  /** The parts that could not be told, in sentences. */
  gaps: z.array(z.string()).readonly(),
});

export type EventTraceJson = z.infer<typeof eventTrace>;

/** A value of a field, and the change that brought it. */
const provenance = z.object({
  value: json,
  /** False: the history does not have it, and `value` is null. */
  isKnown: z.boolean(),
  event: eventName,
  stamp,
  mapping: z.string().nullable(),
  confirmedAt: time.nullable(),
});

export type ProvenanceJson = z.infer<typeof provenance>;

/** Each field of a record, explained. */
export const recordTrace = z.object({
  record: recordKey,
  fields: z
    .array(
      z.object({
        field: z.string(),
        confirmed: provenance.nullable(),
        pending: provenance.nullable(),
        aside: provenance.nullable(),
        replaced: z.array(provenance).readonly(),
        refused: z.array(provenance.extend({ was: z.enum(["stale", "overtaken"]), because })).readonly(),
      }),
    )
    .readonly(),
  gaps: z.array(z.string()).readonly(),
});

export type RecordTrace = z.infer<typeof recordTrace>;

/** The changes and attempts of a record, and the acts of people on it, its dead letters and its destination; the newest first. */
const timelineEntry = z.object({
  at: time,
  what: z.enum(["change", "attempt", "act"]),
  text: z.string(),
  event: eventName.nullable(),
  flight: flight.nullable(),
  fields: z.array(z.object({ field: z.string(), value: json })).readonly(),
});
export type TimelineEntryJson = z.infer<typeof timelineEntry>;
export const timelinePage = pageSchema(timelineEntry);

export const timelineQuery = pageQuery.extend({ by: z.enum(["external_id", "name"]).default("external_id") });
