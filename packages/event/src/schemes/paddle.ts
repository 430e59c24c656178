import type { SenderRow } from "../sender.ts";

/** Paddle Billing: https://developer.paddle.com/webhooks/signature-verification */
export const paddle: SenderRow = {
  name: "paddle",
  title: "Paddle Billing",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["paddle-signature"], format: "kv", field: "h1", separator: ";", encoding: "hex" },
    content: "{ts}:{body}",
    ts: { header: "paddle-signature", kvField: "ts", unit: "s", toleranceSec: 300 },
  },
  event: {
    id: ["{event.event_id}"],
    type: ["{event.event_type}"],
    time: [{ from: "{event.occurred_at}", unit: "iso8601" }],
    data: ["{event.data}", "{event}"],
  },
  guide: {
    sources: [
      "https://developer.paddle.com/webhooks/signature-verification",
      "https://developer.paddle.com/webhooks/how-webhooks-work",
    ],
    order: "Paddle: `occurred_at` is the event's, in microseconds, and it says to order by that.",
    surprises: [
      "Members of the signature's header are parted by semicolons.",
      "Nothing is deleted: an entity is archived.",
      "`notification_id` differs for each destination; `event_id` does not.",
    ],
    steps: [
      "In Paddle open Developer tools, Notifications, and add a destination of type webhook.",
      "Paste {url}, choose the events that your mappings use, and save.",
      "Edit the destination and copy its secret key.",
    ],
    secret: "The destination's secret key, whole, as text.",
    notes: [
      "While a secret is rotated the header has an `h1` for each: list both under `secrets`.",
      "An event carries the whole entity in `data`; nothing is deleted, it is archived (`status: archived`).",
    ],
  },
  sample: {
    body: {
      event_id: "evt_01h8bzakzx3hm2fmen703n5q45",
      event_type: "customer.updated",
      occurred_at: "2026-11-05T11:59:58.120938Z",
      notification_id: "ntf_01h8bzam1z32agrxjwhjgqk8w6",
      data: {
        id: "ctm_01h844p3h41s12zs5mn4axja51",
        name: "Ada Byron",
        email: "ada@example.com",
        status: "active",
        updated_at: "2026-11-05T11:59:57.412Z",
      },
    },
  },
};
