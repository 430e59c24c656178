import type { SenderRow } from "../sender.ts";
import { signedBody } from "./signed-body.ts";

export const lemonSqueezy: SenderRow = {
  name: "lemon-squeezy",
  title: "Lemon Squeezy",
  check: signedBody("x-signature", "hex"),
  event: {
    id: [],
    type: ["{header:x-event-name}", "{event.meta.event_name}"],
    time: [{ from: "{event.data.attributes.updated_at}", unit: "iso8601" }],
    data: ["{event.data}", "{event}"],
  },
  guide: {
    sources: [
      "https://docs.lemonsqueezy.com/help/webhooks/signing-requests",
      "https://docs.lemonsqueezy.com/help/webhooks/event-types",
    ],
    order: "Lemon Squeezy: `updated_at` of the object, in microseconds whose digits are zero.",
    surprises: ["Several events tell of one change, each with its own object.", "An event has no id."],
    steps: [
      "In Lemon Squeezy open Settings, Webhooks, and add one.",
      "Paste {url} as the callback URL, enter {secret} as the signing secret, choose the events that your mappings use, and save.",
    ],
    secret: "The webhook's signing secret, as text.",
    notes: [
      "An event has no id of its own: one is made of its content.",
      "Several events tell of one change, such as `subscription_created` and `order_created`; each carries its own object in `data`.",
    ],
  },
  sample: {
    headers: { "content-type": "application/json", "x-event-name": "subscription_updated" },
    body: {
      meta: { event_name: "subscription_updated", test_mode: false },
      data: {
        type: "subscriptions",
        id: "48",
        attributes: {
          customer_id: 26,
          user_name: "Ada Byron",
          user_email: "ada@example.com",
          status: "active",
          updated_at: "2026-11-05T11:59:57.000000Z",
        },
      },
    },
  },
};
