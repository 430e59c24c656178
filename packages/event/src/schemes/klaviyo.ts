import type { SenderRow } from "../sender.ts";

/** Klaviyo signs the body and behind it the time of the request, in any form. */
export const klaviyo: SenderRow = {
  name: "klaviyo",
  title: "Klaviyo (system webhooks)",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["klaviyo-signature"], format: "plain", encoding: "hex" },
    content: "{body}{header:klaviyo-timestamp}",
    required: ["klaviyo-timestamp"],
  },
  event: {
    split: { at: "data" },
    id: ["{event.external_id}"],
    type: ["{event.topic}"],
    time: [{ from: "{event.payload.data.attributes.datetime}", unit: "iso8601" }],
    data: ["{event.payload.data}", "{event.payload}", "{event}"],
  },
  guide: {
    sources: [
      "https://developers.klaviyo.com/en/docs/working_with_system_webhooks",
      "https://developers.klaviyo.com/en/reference/webhooks_api_overview",
    ],
    order: "Klaviyo: `datetime` of the event, in whole seconds. Events come in batches and in any order.",
    surprises: [
      "The time of the request is signed behind the body, and is the attempt's.",
      "A request holds up to 1,000 events.",
      "Topics tell of events and not of profiles: the profile's id stands in the event's relationships.",
    ],
    steps: [
      "Create a webhook with Klaviyo's Webhooks API, `POST https://a.klaviyo.com/api/webhooks`, with {url} as `endpoint_url`, {secret} as `secret_key` and the topics that your mappings use.",
      "Only accounts with the advanced customer data platform, and partners' apps, may do so; a flow's webhook action is not signed and goes to a `generic-api-key-header` source.",
    ],
    secret: "The webhook's `secret_key`, at least 16 characters, as text.",
    notes: [
      "The form of `Klaviyo-Timestamp` is not published, so its age is not checked: a request that is sent again is a duplicate by its events' ids.",
    ],
  },
  sample: {
    headers: {
      "content-type": "application/json",
      "klaviyo-timestamp": "1793879999",
      "klaviyo-webhook-id": "01H8WHK0000000000000000000",
    },
    body: {
      data: [
        {
          external_id: "4vRpBT4Sn3E",
          topic: "event:klaviyo.subscribed_to_email_marketing",
          payload: {
            data: {
              type: "event",
              id: "4vRpBT4Sn3E",
              attributes: { datetime: "2026-11-05T11:59:57+00:00", event_properties: { email: "ada@example.com" } },
              relationships: { profile: { data: { type: "profile", id: "01GDDKASAP8TKDDA2GRZDSVP4H" } } },
            },
          },
        },
      ],
      meta: { klaviyo_account_id: "AbC123", version: "2025-07-15", timestamp: "2026-11-05T11:59:59+00:00" },
    },
  },
};
