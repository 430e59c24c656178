import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";
import { STANDARD_CHECK } from "./standard-webhooks.ts";

const { keyPrefix: _, ...STANDARD } = STANDARD_CHECK;

/** BigCommerce signs like Standard Webhooks, with the client secret's own bytes as the key. */
export const bigcommerce: SenderRow = {
  name: "bigcommerce",
  title: "BigCommerce",
  check: { ...STANDARD, key: "utf8" },
  event: {
    // `hash` is of scope, record and second: several changes share it.
    id: ["{header:webhook-id}"],
    type: ["{event.scope}"],
    time: [{ from: "{event.created_at}", unit: "s" }],
    data: ["{event.data}", "{event}"],
    delete: [{ in: "{event.scope}", fits: "/deleted$" }],
    thin: "always",
  },
  reply: QUIET_REPLY,
  guide: {
    sources: ["https://developer.bigcommerce.com/docs/integrations/webhooks"],
    order:
      "Nobody for the record: `created_at` is the event's, in whole seconds; fetch the record, which has `date_modified`.",
    surprises: [
      "`hash` is of scope, record and second, so several changes share it.",
      "The secret is used as text, other than at Standard Webhooks whose signature it has.",
    ],
    steps: [
      "In the BigCommerce Developer Portal open your app and copy its client secret.",
      "Create a hook for each scope, such as `store/customer/*`: `POST /stores/HASH/v3/hooks` with {url} as `destination`.",
      "Leave `is_active` true, and check with `GET /v3/hooks` that the hook stays active.",
    ],
    secret: "The app's client secret, as text. It is not decoded, although the signature is that of Standard Webhooks.",
    notes: [
      "Events carry the record's id alone: map what they name, or have the record fetched with `fetch`.",
      "When fewer than 90 % of calls succeed, BigCommerce blocks the whole domain for three minutes; after 48 hours of failures it deactivates the hook.",
    ],
  },
  sample: {
    headers: { "content-type": "application/json", "webhook-id": "bc-1" },
    body: {
      scope: "store/customer/updated",
      store_id: "1001197568",
      data: { type: "customer", id: 32 },
      hash: "0f1b5800def7b505369b08b4a3503a1db2c4b1a6",
      created_at: 1793879998,
      producer: "stores/abcde",
    },
  },
};
