import type { Scheme } from "../scheme.ts";
import { ORDINARY_LIMITS, ORDINARY_REPLY } from "./ordinary.ts";

/** Shopify admin webhooks: the topic stands in a header, the body is the record. */
export const shopify: Scheme = {
  name: "shopify",
  title: "Shopify",
  check: {
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["x-shopify-hmac-sha256"], format: "plain", encoding: "base64" },
    content: "{body}",
  },
  event: {
    split: "one",
    // The webhook id names the delivery and is the same on its retries. The event id is shared by
    // subscriptions that may select different fields: keyed on it, the second's fields would be lost.
    id: ["{header:x-shopify-webhook-id}", "{header:x-shopify-event-id}"],
    type: ["{header:x-shopify-topic}"],
    time: [
      { from: "{header:x-shopify-triggered-at}", unit: "iso8601" },
      { from: "{event.updated_at}", unit: "iso8601" },
    ],
    data: ["{event}"],
  },
  reply: ORDINARY_REPLY,
  limits: ORDINARY_LIMITS,
};
