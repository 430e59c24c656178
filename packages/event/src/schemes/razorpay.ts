import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";
import { signedBody } from "./signed-body.ts";

/** Razorpay: a header tells the event, the body its entities. */
export const razorpay: SenderRow = {
  name: "razorpay",
  title: "Razorpay",
  check: signedBody("x-razorpay-signature", "hex"),
  event: {
    id: ["{header:x-razorpay-event-id}"],
    type: ["{event.event}"],
    time: [{ from: "{event.created_at}", unit: "s" }],
    data: ["{event.payload}", "{event}"],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://razorpay.com/docs/webhooks/validate-test/",
      "https://razorpay.com/docs/webhooks/best-practices/",
    ],
    order: "Razorpay: `created_at` of the event, in whole seconds. It says itself that events may come in any order.",
    surprises: [
      "`payment.captured` may come before `payment.authorized`.",
      "`data` holds each entity in a member of its own: `data.payment.entity.id`.",
      "Test and live mode have secrets of their own.",
    ],
    steps: [
      "In Razorpay's dashboard open Account and Settings, Webhooks, and add one.",
      "Paste {url}, enter {secret} as the secret, and choose the events that your mappings use.",
    ],
    secret: "The webhook's secret, as text; not the key secret of the API.",
    notes: ["Razorpay waits for five seconds and tries for 24 hours, then disables the webhook."],
  },
  sample: {
    headers: { "content-type": "application/json", "x-razorpay-event-id": "Pq1rX2yZ3aBcDe" },
    body: {
      entity: "event",
      account_id: "acc_BFQ7uQEaa7j2z7",
      event: "payment.captured",
      contains: ["payment"],
      payload: {
        payment: {
          entity: {
            id: "pay_DESlfW9H8K9uqM",
            entity: "payment",
            amount: 50000,
            currency: "INR",
            status: "captured",
            email: "ada@example.com",
            created_at: 1793879990,
          },
        },
      },
      created_at: 1793879998,
    },
  },
};
