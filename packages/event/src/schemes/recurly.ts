import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";

/** Recurly: a time in milliseconds and a signature for each secret, with commas between. */
export const recurly: SenderRow = {
  name: "recurly",
  title: "Recurly (JSON)",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["recurly-signature"], format: "list", encoding: "hex" },
    content: "{ts}.{body}",
    ts: { header: "recurly-signature", unit: "ms", toleranceSec: 300 },
  },
  event: {
    // `id` and `uuid` are the object's.
    id: [],
    type: ["{event.object_type}.{event.event_type}"],
    time: [{ from: "{event.event_time}", unit: "iso8601" }],
    delete: [{ in: "{event.event_type}", fits: "^(?:deleted|removed)$" }],
    thin: [{ in: "{event.event_time}", fits: "." }],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://docs.recurly.com/recurly-subscriptions/docs/signature-verification",
      "https://docs.recurly.com/recurly-subscriptions/docs/overview-webhooks",
      "https://docs.recurly.com/recurly-subscriptions/docs/automatic-retries",
    ],
    order:
      "Recurly: `event_time` of the event, in whole seconds. It says to take a notification as a sign to ask its API, not as the truth.",
    surprises: [
      "XML is not signed: choose JSON.",
      "An older kind of JSON has the notification's name as its only member: its type is `unknown` here, and it has no time.",
      "One purchase is several notifications.",
    ],
    steps: [
      "In Recurly open Integrations, Webhooks, and configure an endpoint with {url} and the format JSON.",
      "Choose the notifications that your mappings use, and copy the endpoint's secret key.",
    ],
    secret: "The endpoint's secret key, as text.",
    notes: [
      "Recurly tries a notification again up to ten times, each time later.",
      "For a day after a new key the header has two signatures: list both under `secrets`.",
      "Notifications name the object and carry no values: have it fetched with `fetch`.",
    ],
  },
  sample: {
    body: {
      id: "ptpqkqnzqfx1",
      object_type: "account",
      site_id: "pt2jjzrfo9vr",
      event_type: "updated",
      event_time: "2026-11-05T11:59:57Z",
      account_code: "C-1042",
    },
  },
};
