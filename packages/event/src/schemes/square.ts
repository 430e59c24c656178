import type { SenderRow } from "../sender.ts";
import { signedBody } from "./signed-body.ts";

/** Square signs the notification URL as it was registered, then the body. */
export const square: SenderRow = {
  name: "square",
  title: "Square",
  check: { ...signedBody("x-square-hmacsha256-signature", "base64"), content: "{url}{body}" },
  event: {
    id: ["{event.event_id}"],
    type: ["{event.type}"],
    time: [{ from: "{event.created_at}", unit: "iso8601" }],
    data: ["{event.data}", "{event}"],
    delete: [
      { in: "{event.type}", fits: "\\.deleted$" },
      { in: "{event.data.deleted}", fits: "^true$" },
    ],
  },
  guide: {
    sources: [
      "https://developer.squareup.com/docs/webhooks/overview",
      "https://developer.squareup.com/docs/webhooks/step3validate",
    ],
    order: "Square: `created_at` is the event's, in nanoseconds; objects have a `version` that grows with each change.",
    surprises: [
      "The URL is signed as it was registered, slash for slash.",
      "`data.object` is missing in deletions, which have `data.deleted`.",
      "Times have nine digits, more than most readers keep: order holds to the microsecond.",
    ],
    steps: [
      "In the Square Developer Console open your application and choose Webhooks, Subscriptions.",
      "Add a subscription with {url} as the notification URL and the events that your mappings use.",
      "Set the same URL, letter for letter, as `public_url` of the source, and copy the signature key.",
    ],
    secret: "The subscription's signature key, as text.",
    notes: [
      "Square tries for 72 hours and disables a subscription after three weeks without one success.",
      "The URL is signed: with another spelling of it in `public_url` every request is refused.",
    ],
  },
  sample: {
    body: {
      merchant_id: "MLEFBHHSJGVHD",
      type: "customer.updated",
      event_id: "ac3ac95b-f97d-458c-a6e6-18981597e05f",
      created_at: "2026-11-05T11:59:58.037339943Z",
      data: {
        type: "customer",
        id: "bc368e64-01aa-407e-b46e-3231809b1129",
        object: {
          customer: { id: "bc368e64-01aa-407e-b46e-3231809b1129", email_address: "ada@example.com", version: 3 },
        },
      },
    },
  },
  deadlineMs: 10_000,
};
