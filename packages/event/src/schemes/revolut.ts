import type { SenderRow } from "../sender.ts";

/** Revolut: `v1={signature}` for each secret, over the version, the time in milliseconds and the body. */
export const revolut: SenderRow = {
  name: "revolut-business",
  title: "Revolut Business",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["revolut-signature"], format: "list", prefix: "v1=", encoding: "hex" },
    content: "v1.{ts}.{body}",
    ts: { header: "revolut-request-timestamp", unit: "ms", toleranceSec: 300 },
  },
  event: {
    id: [],
    type: ["{event.event}"],
    time: [{ from: "{event.timestamp}", unit: "iso8601" }],
    data: ["{event.data}", "{event}"],
    finer: [
      { from: "{event.data.updated_at}", unit: "iso8601" },
      { from: "{event.timestamp}", unit: "iso8601" },
    ],
  },
  guide: {
    sources: [
      "https://developer.revolut.com/docs/guides/manage-accounts/webhooks/verify-the-payload-signature",
      "https://developer.revolut.com/docs/guides/manage-accounts/webhooks/about-webhooks",
    ],
    order: "Revolut: `timestamp` of the event, in microseconds. It promises no order of deliveries.",
    surprises: [
      "`Revolut-Request-Timestamp` is the delivery's, in milliseconds.",
      "While a secret is rotated the header has a `v1=` for each.",
      "A changed state carries `old_state` and `new_state` and not the transaction.",
    ],
    steps: [
      "Create the webhook with Revolut's Business API: `POST /api/2.0/webhooks` with {url} and the events that your mappings use.",
      "The answer has `signing_secret`: put it into the source's `secrets`.",
    ],
    secret: "The webhook's signing secret, whole, as text.",
    notes: ["An event has no id of its own: one is made of its content."],
  },
  sample: {
    body: {
      event: "TransactionStateChanged",
      timestamp: "2026-11-05T11:59:57.412936Z",
      data: {
        id: "645a7696-22f3-aa47-9c74-cbae0449cc46",
        old_state: "pending",
        new_state: "completed",
        request_id: "app_charges-9f5d5eb3",
      },
    },
  },
};
