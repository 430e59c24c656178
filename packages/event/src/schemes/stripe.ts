import { STRIPE_FETCH, STRIPE_PRESETS, STRIPE_SOURCES } from "../presets/stripe.ts";
import type { SenderRow } from "../sender.ts";

/** Stripe: time and signatures in one header; while a secret rolls there is a v1 for each. v0 never counts. */
export const stripe: SenderRow = {
  presets: STRIPE_PRESETS,
  presetSources: STRIPE_SOURCES,
  fetch: STRIPE_FETCH,
  name: "stripe",
  title: "Stripe",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["stripe-signature"], format: "kv", field: "v1", encoding: "hex" },
    content: "{ts}.{body}",
    ts: { header: "stripe-signature", kvField: "t", unit: "s", toleranceSec: 300 },
  },
  event: {
    id: ["{event.id}"],
    type: ["{event.type}"],
    time: [
      { from: "{event.created}", unit: "s" },
      { from: "{event.created}", unit: "iso8601" },
    ],
    data: ["{event.data.object}", "{event.data}", "{event}"],
    delete: [{ in: "{event.type}", fits: "\\.deleted$" }],
    // Stripe's v2 events carry the object's id alone.
    thin: [{ in: "{event.object}", fits: "^v2\\.core\\.event$" }],
  },
  guide: {
    sources: ["https://docs.stripe.com/webhooks", "https://docs.stripe.com/currencies"],
    order:
      "Stripe: `created` is the event's, in whole seconds. It says itself that the order of events is not guaranteed, and to fetch what must be exact.",
    surprises: [
      "`invoice.finalized` and `invoice.paid` often have one `created`: arrival decides, or with a `fetch` Stripe itself.",
      "UGX and ISK have no decimals and are sent with two; BHD, JOD, KWD, OMR and TND with three.",
      "The secret's `whsec_` is part of the key, other than at Standard Webhooks.",
      "The object has the shape of the endpoint's API version, not of the account's.",
    ],
    steps: [
      "In the Stripe Dashboard open Workbench, Webhooks, and add a destination.",
      "Choose the events that your mappings use, then Webhook endpoint, and paste {url}.",
      "Open the endpoint and reveal its signing secret.",
    ],
    secret: "The endpoint's signing secret, whole, with `whsec_`. It is not decoded.",
    notes: [
      "While a secret rolls Stripe signs with both for up to a day: keep both under `secrets`.",
      "`created` counts whole seconds: of two changes in one second the one that arrives later wins, so fetch what must be exact.",
      "Live endpoints are retried for up to three days.",
    ],
  },
  sample: {
    headers: { "content-type": "application/json; charset=utf-8" },
    body: {
      id: "evt_1Q2w3e",
      object: "event",
      api_version: "2026-10-28",
      created: 1793879998,
      type: "customer.updated",
      data: { object: { id: "cus_9", object: "customer", email: "ada@example.com", name: "Ada Byron" } },
      livemode: false,
    },
  },
};
