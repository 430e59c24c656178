import { LIMITS } from "../limits.ts";
import type { EventRules, ReplyProfile, SchemeLimits } from "../scheme.ts";
import type { SampleRequest } from "../sender.ts";

/** The replies of a sender without peculiarities: 202 with the report. */
export const ORDINARY_REPLY: ReplyProfile = {};

export const ORDINARY_LIMITS: SchemeLimits = { bodyBytes: LIMITS.defaultBodyBytes, methods: ["POST"] };

/**
 * The rules for bodies whose shape is the builder's choice, one event per body. The event's id is never `id`: in most systems that
 * is the record's, and every second event on a record would pass for a repetition of the first.
 */
export const ORDINARY_EVENT: EventRules = {
  split: "one",
  id: [
    "{header:webhook-id}",
    "{header:x-sluice-event-id}",
    "{header:x-event-id}",
    "{header:idempotency-key}",
    "{event.event_id}",
    "{event.eventId}",
  ],
  type: [
    "{header:x-sluice-event-type}",
    "{event.type}",
    "{event.event_type}",
    "{event.event}",
    "{event.record_type}.{event.op}",
  ],
  time: [
    { from: "{event.occurred_at}", unit: "iso8601" },
    { from: "{event.timestamp}", unit: "iso8601" },
    { from: "{event.time}", unit: "iso8601" },
    { from: "{event.last_modified}", unit: "iso8601" },
    { from: "{event.updated_at}", unit: "iso8601" },
  ],
  data: ["{event}"],
  delete: [
    { in: "{event.op}", fits: "^(?:delete|deleted)$" },
    { in: "{event.type}", fits: "\\.(?:delete|deleted)$" },
  ],
};

/** An empty 200, which every sender takes that doesn't insist on a body. */
export const QUIET_REPLY: ReplyProfile = { success: { status: 200, body: "none" } };

/** An event as an integrator would shape it. */
export const GENERIC_SAMPLE: SampleRequest = {
  headers: { "content-type": "application/json" },
  body: {
    event_id: "0d6a1f0e-5d53-4f0c-9f0a-6f1b8f6e2c77",
    type: "customer.updated",
    op: "update",
    id: "8812",
    external_id: "C-1042",
    updated_at: "2026-11-05T11:59:57Z",
    fields: { email: "ada@example.com", companyName: "Byron Engines" },
  },
};
