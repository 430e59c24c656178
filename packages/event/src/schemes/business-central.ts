import {
  BUSINESS_CENTRAL_FETCH,
  BUSINESS_CENTRAL_PRESETS,
  BUSINESS_CENTRAL_SOURCES,
} from "../presets/business-central.ts";
import type { SenderRow } from "../sender.ts";

/** Business Central deletes a subscription at the first answer that is neither a 2xx, a 408, a 429 nor a 5xx. */
export const businessCentral: SenderRow = {
  name: "business-central",
  title: "Dynamics 365 Business Central",
  check: { type: "token", from: "json:value[].clientState" },
  handshakes: [{ kind: "query-echo", param: "validationToken", as: "text/plain" }],
  event: {
    split: { at: "value" },
    id: [],
    // The expiry is the subscription's, which may be renewed between two attempts.
    volatile: ["expirationDateTime"],
    type: ["{event.changeType}"],
    time: [{ from: "{event.lastModifiedDateTime}", unit: "iso8601" }],
    omit: ["clientState"],
    delete: [{ in: "{event.changeType}", fits: "^deleted$" }],
    thin: "always",
  },
  reply: {
    success: { status: 200, body: "none" },
    refused: { status: 200, body: "none" },
  },
  presets: BUSINESS_CENTRAL_PRESETS,
  presetSources: BUSINESS_CENTRAL_SOURCES,
  fetch: BUSINESS_CENTRAL_FETCH,
  guide: {
    sources: [
      "https://learn.microsoft.com/en-us/dynamics365/business-central/dev-itpro/api-reference/v2.0/dynamics-subscriptions",
    ],
    order:
      "Microsoft: `lastModifiedDateTime` is when the record last changed. Notifications are gathered for 30 seconds and come in any order.",
    surprises: [
      "Any plain 4xx deletes the subscription at once: a wrong secret is therefore answered with 200.",
      "A subscription lives for three days unless it is renewed, and the renewal asks the URL again.",
      "Above 1,000 changes in 30 seconds there comes one notification that names no record.",
    ],
    steps: [
      "Call Business Central's API as a user who may read the records: `POST /api/v2.0/subscriptions`.",
      "Its body has {url} as `notificationUrl`, the `resource`, such as `/api/v2.0/companies(ID)/customers`, and {secret} as `clientState`.",
      "Business Central asks the URL at once for a token, and Sluice answers.",
      "Renew each subscription before three days are over: `PATCH /api/v2.0/subscriptions('ID')`; it asks again.",
    ],
    secret: "The subscription's `clientState`: a long random text of your own.",
    notes: [
      "What is refused is answered with 200 and dropped, because any plain 4xx deletes the subscription: watch `sluice_events_refused_total`.",
      "Notifications name the record alone, which is fetched. Nothing is signed.",
      "More than 1,000 changes in 30 seconds come as one of type `collection`, which stands for a filter and no record: nothing is fetched for it, so load those anew.",
    ],
  },
  sample: {
    body: {
      value: [
        {
          subscriptionId: "webhookCustomersId",
          clientState: "",
          expirationDateTime: "2026-11-08T12:00:00Z",
          resource:
            "api/v2.0/companies(b18aed47-c385-49d2-b954-dbdf8ad71780)/customers(130bbd17-dbb9-4790-9b12-2b0e9c9d22c3)",
          changeType: "updated",
          lastModifiedDateTime: "2026-11-05T11:59:27.057Z",
        },
      ],
    },
  },
};
