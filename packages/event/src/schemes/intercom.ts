import type { SenderRow } from "../sender.ts";
import { signedBody } from "./signed-body.ts";

export const intercom: SenderRow = {
  name: "intercom",
  title: "Intercom",
  // SHA-1 is what Intercom has; as an HMAC it still holds.
  check: { ...signedBody("x-hub-signature", "hex", "sha1="), alg: "hmac-sha1" },
  // Saving the URL sends a HEAD, which must be answered 200 (zulip/zulip#24001).
  handshakes: [{ kind: "head" }],
  event: {
    id: ["{event.id}"],
    type: ["{event.topic}"],
    time: [{ from: "{event.created_at}", unit: "s" }],
    data: ["{event.data.item}", "{event}"],
    version: [
      { from: "{event.data.item.updated_at}", unit: "s" },
      { from: "{event.created_at}", unit: "s" },
    ],
    delete: [{ in: "{event.topic}", fits: "\\.(?:deleted|archived)$" }],
  },
  reply: { overload: { status: 429, retryAfter: "seconds" } },
  guide: {
    sources: [
      "https://developers.intercom.com/docs/webhooks",
      "https://developers.intercom.com/docs/webhooks/webhook-notifications",
    ],
    order: "Intercom: `updated_at` of the item, in whole seconds; the notification's `created_at` without one.",
    surprises: [
      "Saving the URL sends a HEAD, which must be answered with 200.",
      "The signature is HMAC-SHA1.",
      "`first_sent_at` and `delivery_attempts` differ from one attempt to the next.",
    ],
    steps: [
      "In Intercom's Developer Hub open your app and choose Webhooks.",
      "Paste {url} as the endpoint URL and add the topics that your mappings use.",
      "Copy the client secret under Basic information.",
    ],
    secret: "The app's client secret, as text.",
    notes: [
      "More than 1,000 errors in 15 minutes pause the subscription; a 429 slows it down, which is what Sluice answers while it can't store.",
    ],
  },
  sample: {
    body: {
      type: "notification_event",
      app_id: "a86dr8yl",
      data: {
        type: "notification_event_data",
        item: {
          type: "contact",
          id: "5ba682d23d7cf92bef87bfd4",
          external_id: "C-1042",
          email: "ada@example.com",
          name: "Ada Byron",
          updated_at: 1793879997,
        },
      },
      id: "notif_4b2f",
      topic: "contact.user.updated",
      delivery_attempts: 1,
      first_sent_at: 1793879999,
      created_at: 1793879997,
    },
  },
  deadlineMs: 5_000,
};
