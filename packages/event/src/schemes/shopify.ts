import { SHOPIFY_PRESETS, SHOPIFY_SOURCES } from "../presets/shopify.ts";
import type { SignatureCheck } from "../scheme.ts";
import type { SenderRow } from "../sender.ts";

const SIGNED: SignatureCheck = {
  type: "signature",
  alg: "hmac-sha256",
  key: "utf8",
  sig: { headers: ["x-shopify-hmac-sha256"], format: "plain", encoding: "base64" },
  content: "{body}",
};

/** Shopify admin webhooks: the topic stands in a header, the body is the record. */
export const shopify: SenderRow = {
  presets: SHOPIFY_PRESETS,
  presetSources: SHOPIFY_SOURCES,
  name: "shopify",
  title: "Shopify",
  check: SIGNED,
  event: {
    // The webhook id names the delivery and is the same on its retries. The event id is shared by
    // subscriptions that may select different fields: keyed on it, the second's fields would be lost.
    id: ["{header:x-shopify-webhook-id}", "{header:x-shopify-event-id}"],
    type: ["{header:x-shopify-topic}"],
    time: [
      { from: "{header:x-shopify-triggered-at}", unit: "iso8601" },
      { from: "{event.updated_at}", unit: "iso8601" },
    ],
    version: [{ from: "{event.updated_at}", unit: "iso8601" }],
    delete: [
      { in: "{header:x-shopify-topic}", fits: "/delete$" },
      { in: "{header:x-shopify-topic}", fits: "^(?:customers|shop)/redact$" },
    ],
  },
  guide: {
    sources: [
      "https://shopify.dev/docs/apps/build/webhooks",
      "https://shopify.dev/docs/apps/build/webhooks/ignore-duplicates",
    ],
    order:
      "Shopify: `updated_at` is when the resource last changed, in whole seconds; `X-Shopify-Triggered-At` is the event's, in milliseconds, and breaks ties. It says itself that order is not guaranteed.",
    surprises: [
      "`orders/create`, `orders/updated` and `orders/paid` of one order often have one `updated_at` and come in any order.",
      "The webhook id is random, and greater ones are not later.",
      "One event is sent to each subscription with one event id and several webhook ids: the delivery's is taken.",
      "A deletion has no `updated_at`: the time at which it was triggered orders it.",
    ],
    steps: [
      "In the Shopify admin choose Settings, Notifications, Webhooks; an app subscribes with `webhookSubscriptionCreate` instead.",
      "Create a webhook for each topic that your mappings use, in JSON, with {url} as its URL.",
      "Copy the signing secret: of webhooks made in the admin it stands below their list, of an app's webhooks it is the app's client secret.",
    ],
    secret: "The client secret of the app, or the signing secret under Settings, Notifications, as text.",
    notes: [
      "Shopify tries 8 times in 4 hours; a subscription made by an app is deleted after 8 failures in a row.",
      "After a rotation of the client secret Shopify may sign with the old one for up to an hour: keep both under `secrets`.",
      "A deletion carries the record's id alone.",
      "The privacy topics `customers/redact` and `shop/redact` mean that data must go: map them as deletions.",
    ],
  },
  sample: {
    headers: {
      "content-type": "application/json",
      "x-shopify-topic": "customers/update",
      "x-shopify-shop-domain": "acme.myshopify.com",
      "x-shopify-api-version": "2026-10",
      "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
      "x-shopify-event-id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
      "x-shopify-triggered-at": "2026-11-05T11:59:58.812Z",
    },
    body: {
      id: 207119551,
      email: "ada@example.com",
      first_name: "Ada",
      last_name: "Byron",
      phone: "+4930123456",
      updated_at: "2026-11-05T06:59:58-05:00",
      admin_graphql_api_id: "gid://shopify/Customer/207119551",
    },
  },
  deadlineMs: 5_000,
};

/** Shopify's Events, whose headers have no prefix. Two of them are going away, so nothing is keyed on those. */
export const shopifyEvents: SenderRow = {
  ...shopify,
  name: "shopify-events",
  title: "Shopify Events",
  presets: [],
  check: { ...SIGNED, sig: { ...SIGNED.sig, headers: ["shopify-hmac-sha256"] } },
  event: {
    id: ["{header:shopify-webhook-id}"],
    type: ["{header:shopify-topic}/{header:shopify-action}", "{event.topic}/{event.action}"],
    time: [{ from: "{header:shopify-triggered-at}", unit: "iso8601" }],
    data: ["{event.data}", "{event}"],
    delete: [
      { in: "{header:shopify-action}", fits: "^delete$" },
      { in: "{event.action}", fits: "^delete$" },
    ],
  },
  guide: {
    ...shopify.guide,
    sources: ["https://shopify.dev/docs/apps/build/webhooks"],
    order: "Shopify: `Shopify-Triggered-At` is when the event was triggered. It promises no order.",
    surprises: [
      "Headers have no `X-` in front, and `shopify-event-id` is going away: nothing is keyed on it.",
      "The body of a deletion has no result of the query.",
      "Shopify's own library refuses an event without `Shopify-Event-Id`; here it needs none.",
    ],
    steps: [
      "In the app's `shopify.app.toml` add an event subscription with {url} as its address; Events are on the unstable API version.",
      "Choose topic, actions and the query whose result each event carries.",
      "Deploy the app; its client secret, in the Dev Dashboard under Settings, signs the events.",
    ],
  },
  sample: {
    headers: {
      "content-type": "application/json",
      "shopify-topic": "Product",
      "shopify-action": "update",
      "shopify-shop-domain": "acme.myshopify.com",
      "shopify-api-version": "unstable",
      "shopify-webhook-id": "c0ffee00-0000-4000-8000-000000000001",
      "shopify-triggered-at": "2026-11-05T11:59:58Z",
    },
    body: { topic: "Product", action: "update", data: { product: { id: "gid://shopify/Product/123", title: "Mug" } } },
  },
};
