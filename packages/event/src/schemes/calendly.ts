import type { SenderRow } from "../sender.ts";

/** Calendly: https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures */
export const calendly: SenderRow = {
  name: "calendly",
  title: "Calendly",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["calendly-webhook-signature"], format: "kv", field: "v1", encoding: "hex" },
    content: "{ts}.{body}",
    ts: { header: "calendly-webhook-signature", kvField: "t", unit: "s", toleranceSec: 300 },
  },
  event: {
    id: [],
    type: ["{event.event}"],
    time: [{ from: "{event.created_at}", unit: "iso8601" }],
    data: ["{event.payload}", "{event}"],
    version: [
      { from: "{event.payload.updated_at}", unit: "iso8601" },
      { from: "{event.created_at}", unit: "iso8601" },
    ],
  },
  guide: {
    sources: ["https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures"],
    order: "Calendly: `updated_at` of the invitee, in microseconds.",
    surprises: [
      "A cancellation is an invitee with `status: canceled`, and a rescheduling is a cancellation and a new invitee.",
      "The time in the signature's header is the attempt's.",
    ],
    steps: [
      "Choose a signing key: {secret}.",
      "Create a subscription with Calendly's API, `POST https://api.calendly.com/webhook_subscriptions`, with {url}, the events that your mappings use, the organization, the scope and the signing key.",
      "Of an OAuth application the key is made by Calendly: copy that one.",
    ],
    secret: "The subscription's signing key, as text.",
    notes: [
      "An event has no id of its own: one is made of its content.",
      "Who cancels makes no deletion: `invitee.canceled` carries the invitee with `status: canceled`.",
      "A 410 deletes the subscription; Sluice never answers so.",
    ],
  },
  sample: {
    body: {
      event: "invitee.created",
      created_at: "2026-11-05T11:59:58.000000Z",
      created_by: "https://api.calendly.com/users/AAAAAAAAAAAAAAAA",
      payload: {
        uri: "https://api.calendly.com/scheduled_events/GBGBDCAADAEDCRZ2/invitees/AAAAAAAAAAAAAAAA",
        email: "ada@example.com",
        name: "Ada Byron",
        status: "active",
        created_at: "2026-11-05T11:59:57.316000Z",
        updated_at: "2026-11-05T11:59:57.316000Z",
      },
    },
  },
  deadlineMs: 15_000,
};
