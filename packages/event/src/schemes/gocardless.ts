import type { SenderRow } from "../sender.ts";
import { signedBody } from "./signed-body.ts";

/** GoCardless: up to 250 events in a request, each with a resource's id alone. */
export const gocardless: SenderRow = {
  name: "gocardless",
  title: "GoCardless",
  check: signedBody("webhook-signature", "hex"),
  event: {
    split: { at: "events" },
    id: ["{event.id}"],
    type: ["{event.resource_type}.{event.action}"],
    time: [{ from: "{event.created_at}", unit: "iso8601" }],
    thin: "always",
  },
  guide: {
    sources: ["https://developer.gocardless.com/api-reference/#appendix-webhooks"],
    order:
      "GoCardless: `created_at` of the event, in milliseconds. It says that events may come in any order, and to fetch the resource.",
    surprises: [
      "Events carry ids in `links` and no values.",
      "A bad signature should be answered with 498 by its own wish; it takes 401 as a failure as well.",
    ],
    steps: [
      "In the GoCardless dashboard open Developers, Create, Webhook endpoint.",
      "Paste {url}, enter {secret} as the webhook endpoint secret, and save.",
    ],
    secret: "The webhook endpoint's secret, as text.",
    notes: [
      "Events carry ids in `links` alone: have the payment, mandate or customer fetched.",
      "A request holds up to 250 events; each becomes one of its own.",
    ],
  },
  sample: {
    body: {
      events: [
        {
          id: "EV01H5XW3S7N",
          created_at: "2026-11-05T11:59:57.412Z",
          resource_type: "mandates",
          action: "active",
          links: { mandate: "MD000FSJ2K8X" },
          details: { origin: "gocardless", cause: "mandate_activated", description: "The mandate is active." },
        },
      ],
      meta: { webhook_id: "WB01H5XW3T2Q" },
    },
  },
};
