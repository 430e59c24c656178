import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";
import { signedBody } from "./signed-body.ts";

/** Paystack signs with the account's own secret key, by SHA-512. */
export const paystack: SenderRow = {
  name: "paystack",
  title: "Paystack",
  check: { ...signedBody("x-paystack-signature", "hex"), alg: "hmac-sha512" },
  event: {
    id: [],
    type: ["{event.event}"],
    time: [
      { from: "{event.data.updatedAt}", unit: "iso8601" },
      { from: "{event.data.updated_at}", unit: "iso8601" },
      { from: "{event.data.paid_at}", unit: "iso8601" },
      { from: "{event.data.created_at}", unit: "iso8601" },
      { from: "{event.data.createdAt}", unit: "iso8601" },
    ],
    data: ["{event.data}", "{event}"],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: ["https://paystack.com/docs/payments/webhooks/"],
    order:
      "Paystack: `paid_at` and `createdAt` of the object, in milliseconds; it promises no order, and to ask its API for what must be exact.",
    surprises: [
      "The secret of webhooks is the key of the whole API: keep it out of everything else.",
      "An event has no id, and its object has one that several events share.",
      "The signature is HMAC-SHA512.",
    ],
    steps: [
      "In Paystack's dashboard open Settings, API Keys and Webhooks.",
      "Paste {url} as the webhook URL, and copy the secret key.",
    ],
    secret: "The account's secret key, `sk_live_…` or `sk_test_…`, as text: Paystack has no secret for webhooks alone.",
    notes: ["Paystack tries for 72 hours in live mode."],
  },
  sample: {
    body: {
      event: "charge.success",
      data: {
        id: 302961,
        domain: "live",
        status: "success",
        reference: "qTPrJoy9Bx",
        amount: 10000,
        currency: "NGN",
        paid_at: "2026-11-05T11:59:57.000Z",
        created_at: "2026-11-05T11:58:31.000Z",
        customer: { id: 68324, email: "ada@example.com" },
      },
    },
  },
};
