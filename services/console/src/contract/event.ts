import { z } from "zod";
import { flight } from "./flight.ts";
import { outcome } from "./outcome.ts";
import { json, pageOf, pageQuery, recordKey, time } from "./shape.ts";
import { decidedBy, stamp } from "./stamp.ts";

/** Which events are meant. Every filter that is given must hold. */
export const eventFilter = z.object({
  destination: z.string().optional(),
  object: z.string().optional(),
  /** The record's external id (or name) as a whole. */
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
export type EventFilter = z.infer<typeof eventFilter>;

export const eventQuery = eventFilter.extend(pageQuery.shape);

/** One delivery of one event, as a list shows it. */
export const eventRow = z.object({
  /** Of this delivery, and the only name of it that is never shared: what addresses are made of. */
  ref: z.string(),
  /** The sender's own; several deliveries, and several sources, may have one in common. */
  id: z.string(),
  source: z.string(),
  type: z.string(),
  /** When it happened, by its sender's clock. */
  time: z.string().nullable(),
  arrivedAt: time,
  /** 0, or the number of the replay that it was understood in. */
  run: z.number(),
  /** Of several changes the one that needs a look first: dead, pending, applied, merged, unchanged, superseded, discarded. */
  outcome,
  /** Why it is dead or what holds it. */
  code: z.string().nullable(),
  changes: z.number(),
  /** The first five. */
  records: z.array(recordKey),
});
export type EventRow = z.infer<typeof eventRow>;

export const eventPage = pageOf(eventRow);

/** Names one event of another change; `ref` null: the history has it no more. */
export const eventName = z.object({
  ref: z.string().nullable(),
  id: z.string().nullable(),
  source: z.string().nullable(),
  type: z.string().nullable(),
  arrivedAt: time.nullable(),
});
export type EventName = z.infer<typeof eventName>;

export const webhook = z.object({
  ref: z.string(),
  source: z.string(),
  arrivedAt: time,
  method: z.string(),
  /** Without credentials. */
  url: z.string(),
  query: z.string(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  /** Without what `redact` and the scheme take out; cut after a megabyte. */
  body: z.string(),
  bodyBytes: z.number(),
  isCut: z.boolean(),
  /** The paths whose values were taken out. */
  redacted: z.array(z.string()),
  /** The place of the secret that it was proven with in the source's list, from 1. */
  secretNumber: z.number(),
  /** All events in it, this one among them. */
  events: z.array(eventName),
});

/** A change's field and what came of it. */
export const changedField = z.object({
  field: z.string(),
  value: json,
  /**
   * `written`: confirmed with this value. `overtaken`: a newer value went out in its place. `stale`: older than what the record held.
   * `refused`: the destination refused it by name. `pending`, `unchanged`, `discarded`, `unknown`: as the outcome.
   */
  became: z.enum(["written", "overtaken", "stale", "refused", "pending", "unchanged", "discarded", "unknown"]),
  /** What stands in its place: of `overtaken` and `stale`. */
  because: z.object({ event: eventName, stamp, decidedBy }).nullable(),
});

export const changeTrace = z.object({
  record: recordKey,
  effect: z.enum(["fields", "delete"]),
  stamp,
  /** The mapping's row, e.g. `sources.erp.records[0]`; null: the configuration has changed since. */
  mapping: z.string().nullable(),
  fields: z.array(changedField),
  outcome,
  code: z.string().nullable(),
  message: z.string().nullable(),
  endedAt: time.nullable(),
  /** Events whose changes went out in the same write, or in whose write this one went. */
  mergedWith: z.array(eventName),
  /** Every attempt that carried it, oldest first. */
  flights: z.array(flight),
  /** The dead letter, while there is one. */
  letter: z.string().nullable(),
});
export type ChangeTrace = z.infer<typeof changeTrace>;

/** A row of the mapping that could not say what the event means. */
export const mappingFault = z.object({
  destination: z.string(),
  object: z.string(),
  code: z.string(),
  place: z.string(),
  expression: z.string(),
  message: z.string(),
  letter: z.string().nullable(),
});

/** One step of an event's way, oldest first. */
export const step = z.object({
  at: time,
  what: z.enum([
    "received",
    "understood",
    "merged",
    "sent",
    "answered",
    "waits",
    "held",
    "ended",
    "replayed",
    "edited",
  ]),
  /** A sentence for people. */
  text: z.string(),
  record: recordKey.nullable(),
  /** Of this step alone; null where it has none. */
  tookMs: z.number().nullable(),
});

/** All that is known of one delivery of an event: webhook → events → changes → merged with → flights → outcome. */
export const eventTrace = z.object({
  event: eventRow.extend({ data: json, isThin: z.boolean(), operation: z.literal("delete").nullable() }),
  webhook: webhook.nullable(),
  /** Other deliveries of the same event: repetitions and replays. */
  deliveries: z.array(eventRow),
  changes: z.array(changeTrace),
  faults: z.array(mappingFault),
  steps: z.array(step),
  /** What of it could not be told, in sentences: the history was away, or has forgotten. */
  gaps: z.array(z.string()),
});
export type EventTrace = z.infer<typeof eventTrace>;

/** The values that a filter may take, the most frequent first, of the last day. */
export const facets = z.object({
  sources: z.array(z.object({ value: z.string(), count: z.number() })),
  types: z.array(z.object({ value: z.string(), source: z.string(), count: z.number() })),
  objects: z.array(z.object({ value: z.string(), destination: z.string(), count: z.number() })),
  codes: z.array(z.object({ value: z.string(), count: z.number() })),
});
