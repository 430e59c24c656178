import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";

/** Chargebee signs nothing: the caller is known by basic authentication. */
export const chargebee: SenderRow = {
  name: "chargebee",
  title: "Chargebee",
  check: { type: "basic" },
  event: {
    id: ["{event.id}"],
    volatile: ["webhook_status", "webhooks"],
    type: ["{event.event_type}"],
    time: [{ from: "{event.occurred_at}", unit: "s" }],
    data: ["{event.content}", "{event}"],
    delete: [{ in: "{event.event_type}", fits: "_deleted$" }],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://apidocs.chargebee.com/docs/api/events",
      "https://www.chargebee.com/docs/2.0/webhook_settings.html",
    ],
    order:
      "Chargebee: `resource_version` grows with each change of a resource; `occurred_at` is the event's, in whole seconds. It says that webhooks may come in any order.",
    surprises: [
      "Nothing is signed.",
      "`content` holds several resources, each with its own `resource_version`.",
      "A deleted resource has `deleted: true` and all its values.",
    ],
    steps: [
      "In Chargebee open Settings, Configure Chargebee, API Keys and Webhooks, Webhooks, and add one.",
      "Paste {url}, protect it with basic authentication, and enter the two halves of {secret} as user name and password.",
      "Choose the events that your mappings use.",
    ],
    secret: "`user:password` of the webhook's basic authentication.",
    notes: [
      "Nothing is signed: the password proves the caller alone.",
      "`data` holds each resource that the event is about: `data.customer`, `data.subscription`, `data.invoice`.",
      "`occurred_at` counts whole seconds. Each resource has a `resource_version` in milliseconds: `version: $fromMillis(data.customer.resource_version)`.",
    ],
  },
  sample: {
    body: {
      id: "ev_16BPgETyVrQbiGhA",
      occurred_at: 1793879998,
      source: "admin_console",
      object: "event",
      api_version: "v2",
      event_type: "customer_changed",
      webhook_status: "scheduled",
      content: {
        customer: {
          id: "8avVGOkx8U1MX",
          first_name: "Ada",
          last_name: "Byron",
          email: "ada@example.com",
          updated_at: 1793879997,
          resource_version: 1793879997412,
          deleted: false,
          object: "customer",
        },
      },
    },
  },
};
