import type { SenderRow } from "../sender.ts";

export const close: SenderRow = {
  name: "close",
  title: "Close",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "hex",
    sig: { headers: ["close-sig-hash"], format: "plain", encoding: "hex" },
    content: "{ts}{body}",
    ts: { header: "close-sig-timestamp", unit: "s", toleranceSec: 300 },
  },
  event: {
    id: ["{event.event.id}"],
    type: ["{event.event.object_type}.{event.event.action}"],
    time: [
      { from: "{event.event.date_updated}", unit: "utc" },
      { from: "{event.event.date_created}", unit: "utc" },
    ],
    data: ["{event.event}", "{event}"],
    delete: [{ in: "{event.event.action}", fits: "^deleted$" }],
  },
  guide: {
    sources: ["https://developer.close.com/topics/webhooks/"],
    order:
      "Close: `date_updated` of the event, in milliseconds and without a zone, meant as UTC. Updates and deletions are gathered for a while.",
    surprises: [
      "The signature key is hexadecimal and is decoded.",
      "Updates and deletions are gathered for a while: one event may stand for several changes.",
      "A deletion has empty data.",
    ],
    steps: [
      "Create a webhook subscription with Close's API: `POST /api/v1/webhook/` with {url} and the events that your mappings use.",
      "The answer has `signature_key`: put it into the source's `secrets`.",
    ],
    secret: "The subscription's signature key, hexadecimal digits. It is decoded.",
    notes: [
      "A deletion has empty data: its record's id is `object_id` of the event.",
      "Close tries for 72 hours and pauses the subscription after three days of failures.",
    ],
  },
  sample: {
    body: {
      event: {
        id: "ev_2sYKRjcrA79yKxi3S4Crd7",
        object_type: "contact",
        object_id: "cont_70jZ5hiVt5X31MZ3vJ0R8GJmdyPC4fZNDDTOP7u0wRk",
        action: "updated",
        date_created: "2026-11-05T11:59:57.395000",
        date_updated: "2026-11-05T11:59:57.395000",
        organization_id: "orga_XbVPx5fFbKlYTz9PW5Ih1XDhViV10YihIaEgMEb6fVW",
        data: { id: "cont_70jZ5hiVt5X31MZ3vJ0R8GJmdyPC4fZNDDTOP7u0wRk", name: "Ada Byron" },
        previous_data: { name: "Ada King" },
      },
      subscription_id: "whsub_8AmjKCZYT3zI9eZoi0OrBb",
    },
  },
};
