import type { SenderRow } from "../sender.ts";

/** PagerDuty: `v1={signature}` for each secret, with commas between. */
export const pagerduty: SenderRow = {
  name: "pagerduty",
  title: "PagerDuty (V3 webhooks)",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["x-pagerduty-signature"], format: "list", prefix: "v1=", encoding: "hex" },
    content: "{body}",
  },
  event: {
    id: ["{event.event.id}"],
    type: ["{event.event.event_type}"],
    time: [{ from: "{event.event.occurred_at}", unit: "iso8601" }],
    data: ["{event.event.data}", "{event.event}"],
    delete: [{ in: "{event.event.event_type}", fits: "\\.deleted$" }],
  },
  guide: {
    sources: [
      "https://developer.pagerduty.com/docs/verifying-webhook-signatures",
      "https://developer.pagerduty.com/docs/webhooks-overview",
    ],
    order: "PagerDuty: `occurred_at` of the event, in milliseconds. It promises no order of deliveries.",
    surprises: [
      "While a secret is rotated the header has a `v1=` for each.",
      "A 4xx other than 429 is final: nothing is tried again.",
      "The event's own id stands beside the incident's: `event.id` and `event.data.id`.",
    ],
    steps: [
      "In PagerDuty open Integrations, Generic Webhooks (v3), and add one with {url} and the events that your mappings use.",
      "Copy the secret that is shown once.",
    ],
    secret: "The subscription's secret, as text.",
    notes: [
      "PagerDuty tries for 48 hours after a 5xx, a 429 or five seconds of silence, and disables a subscription after three that were lost in a row.",
    ],
  },
  sample: {
    body: {
      event: {
        id: "01BZA4N5XGF4KRXTUBVYIRWIQ5",
        event_type: "incident.acknowledged",
        resource_type: "incident",
        occurred_at: "2026-11-05T11:59:57.412Z",
        data: { id: "PGR0VU2", type: "incident", number: 2, status: "acknowledged", title: "The shop is slow" },
      },
    },
  },
};
