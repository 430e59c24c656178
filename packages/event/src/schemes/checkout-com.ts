import type { SenderRow } from "../sender.ts";
import { signedBody } from "./signed-body.ts";

/** Checkout.com: the digest by itself, without time or prefix. */
export const checkoutCom: SenderRow = {
  name: "checkout-com",
  title: "Checkout.com",
  check: signedBody("cko-signature", "hex"),
  event: {
    id: ["{event.id}"],
    type: ["{event.type}"],
    time: [{ from: "{event.created_on}", unit: "iso8601" }],
    data: ["{event.data}", "{event}"],
  },
  guide: {
    sources: [
      "https://www.checkout.com/docs/developer-resources/event-notifications/receive-webhooks",
      "https://www.checkout.com/docs/developer-resources/event-notifications/receive-webhooks/configure-your-webhook-server",
    ],
    order:
      "Checkout.com: `created_on` of the event, in whole seconds or finer. It promises no order; `data.processed_on` is the action's own time.",
    surprises: [
      "The key looks like base64 in some accounts and is used as text.",
      "`data.id` is the payment's, and the event's stands beside `data`.",
      "An `Authorization` header that is configured there is a second, static key, and covers nothing.",
    ],
    steps: [
      "In Checkout.com's dashboard open Developers, Webhooks, and add a workflow action with {url} and the events that your mappings use.",
      "Enter {secret} as the signature key.",
    ],
    secret: "The webhook's signature key, as text. It is not decoded.",
    notes: ["Checkout.com tries eight times in about 30 hours."],
  },
  sample: {
    body: {
      id: "evt_az5sblvku4ge3dwpztvyizgcau",
      type: "payment_captured",
      version: "1.0.0",
      created_on: "2026-11-05T11:59:57Z",
      data: {
        id: "pay_mbabizu24mvu3mela5njyhpit4",
        action_id: "act_y3oqhf46pyzuxjbcn2giaqnb44",
        amount: 6540,
        currency: "EUR",
        reference: "ORD-5023-4E89",
        processed_on: "2026-11-05T11:59:56Z",
      },
    },
  },
};
