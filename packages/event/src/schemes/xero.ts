import { XERO_FETCH, XERO_PRESETS, XERO_SOURCES } from "../presets/xero.ts";
import type { SenderRow } from "../sender.ts";
import { signedBody } from "./signed-body.ts";

/** Xero: its "intent to receive" sends right and wrong signatures and wants exactly 200 and 401, without a body. */
export const xero: SenderRow = {
  name: "xero",
  title: "Xero",
  check: signedBody("x-xero-signature", "base64"),
  event: {
    split: { at: "events" },
    id: [],
    type: ["{event.eventCategory}.{event.eventType}"],
    time: [{ from: "{event.eventDateUtc}", unit: "utc" }],
    thin: "always",
  },
  reply: { success: { status: 200, body: "none" }, notAuthentic: { status: 401, body: "none" } },
  presets: XERO_PRESETS,
  presetSources: XERO_SOURCES,
  fetch: XERO_FETCH,
  guide: {
    sources: [
      "https://developer.xero.com/documentation/guides/webhooks/overview/",
      "https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/",
    ],
    order:
      "Xero: `eventDateUtc` is the event's, without a zone and meant as UTC; the fetched document's `UpdatedDateUTC` decides. It promises no order of deliveries.",
    surprises: [
      "The key looks like base64 and is used as text.",
      "An answer with a body or a cookie fails the intent to receive, also a right one.",
      "`/Date(1573755038314+0000)/` in documents is a time in milliseconds.",
    ],
    steps: [
      "In the Xero developer portal open your app and choose Webhooks; tick the events that your mappings use.",
      "Paste {url} as the delivery URL and save.",
      "Copy the webhooks key, put it into the source's `secrets`, and choose Send intent to receive: the status must become OK.",
    ],
    secret: "The webhooks key, as text. It looks like base64 and is not decoded.",
    notes: [
      "Events carry ids alone: the contact or invoice is fetched.",
      "Xero tries for 24 hours, then disables the webhook; enabling it needs the intent to receive again.",
      "There is no deletion: a voided invoice is an update.",
    ],
  },
  sample: {
    body: {
      events: [
        {
          resourceUrl: "https://api.xero.com/api.xro/2.0/Contacts/717f2bfc-c6d4-41fd-b238-3f2f0c0cf777",
          resourceId: "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777",
          eventDateUtc: "2026-11-05T11:59:57.123",
          eventType: "UPDATE",
          eventCategory: "CONTACT",
          tenantId: "c2cc9b6e-9458-4c7d-93cc-f02b81b0594f",
          tenantType: "ORGANISATION",
        },
      ],
      firstEventSequence: 1,
      lastEventSequence: 1,
      entropy: "S0m3r4Nd0mt3xt",
    },
  },
  deadlineMs: 5_000,
};
