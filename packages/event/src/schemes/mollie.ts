import type { SenderRow } from "../sender.ts";

/** Mollie: while a secret is rotated the header comes twice. */
export const mollie: SenderRow = {
  name: "mollie",
  title: "Mollie (next-gen webhooks)",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["x-mollie-signature"], format: "list", prefix: "sha256=", encoding: "hex" },
    content: "{body}",
  },
  event: {
    id: ["{event.id}"],
    type: ["{event.type}"],
    time: [{ from: "{event.createdAt}", unit: "iso8601" }],
    data: ["{event._embedded.entity}", "{event}"],
    // The simple payload names the entity alone.
    thin: [{ lacks: "{event._embedded.entity}" }],
  },
  guide: {
    sources: [
      "https://docs.mollie.com/reference/webhooks-new",
      "https://docs.mollie.com/reference/webhooks-best-practices",
    ],
    order:
      "Mollie: `createdAt` of the event, in whole seconds with a tenth that is zero. It promises no order; fetch the entity for its present state.",
    surprises: [
      "For a day after a rotation the header comes twice, with the old and the new secret: both are read.",
      "The older webhooks, `id=tr_…` in a form, are not signed and are refused here: give them a URL of their own.",
      "Mollie's page of best practices compares the whole header with the digest; the digest stands behind `sha256=`.",
    ],
    steps: [
      "In Mollie's dashboard open Developers, Webhooks, and create one with {url} and the events that your mappings use; or call `POST /v2/webhooks`.",
      "Choose the full payload, or have the entity fetched.",
      "Copy the signing secret.",
    ],
    secret: "The webhook's signing secret, as text.",
    notes: ["Mollie waits for 15 seconds and tries ten times in about 26 hours, then blocks the webhook."],
  },
  sample: {
    body: {
      resource: "event",
      id: "event_GvJ8WHrp5isUdRub9CJyH",
      type: "payment-link.paid",
      entityId: "pl_qng5gbbv8NAZ5gpM5ZYgx",
      createdAt: "2026-11-05T11:59:57.0Z",
      _embedded: {
        entity: {
          id: "pl_qng5gbbv8NAZ5gpM5ZYgx",
          mode: "live",
          description: "Bicycle tires",
          amount: { currency: "EUR", value: "24.95" },
        },
      },
    },
  },
};
