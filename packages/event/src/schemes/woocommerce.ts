import { WOOCOMMERCE_FETCH, WOOCOMMERCE_PRESETS, WOOCOMMERCE_SOURCES } from "../presets/woocommerce.ts";
import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";
import { signedBody } from "./signed-body.ts";

/** WooCommerce: no retries, and neither an id nor a time that two changes do not share. */
export const woocommerce: SenderRow = {
  presets: WOOCOMMERCE_PRESETS,
  presetSources: WOOCOMMERCE_SOURCES,
  fetch: WOOCOMMERCE_FETCH,
  name: "woocommerce",
  title: "WooCommerce",
  check: { ...signedBody("x-wc-webhook-signature", "base64"), secretEntities: true },
  // The ping is sent without a signature when the webhook is saved; any answer but 200 leaves the webhook disabled.
  handshakes: [{ kind: "form-ping", pattern: "^webhook_id=\\d+$" }],
  event: {
    id: [],
    // The delivery's id is made of webhook and second, so it is no id by itself. There are no retries, and a record that was restored
    // may be deleted again.
    delivery: ["{header:x-wc-webhook-delivery-id}"],
    type: ["{header:x-wc-webhook-topic}"],
    time: [{ from: "{event.date_modified_gmt}", unit: "utc" }],
    delete: [{ in: "{header:x-wc-webhook-event}", fits: "^deleted$" }],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/includes/class-wc-webhook.php",
      "https://woocommerce.com/document/webhooks/",
    ],
    order:
      "WooCommerce's source: `date_modified_gmt` is when the post was last saved, in whole seconds; it does not move when items, stock or refunds change.",
    surprises: [
      "A second change with the same `date_modified_gmt` is a change all the same: arrival decides.",
      "`&` in a secret is stored as `&amp;` and undone before signing.",
      "A guest's order has customer 0.",
      "`customer.updated` also comes at every login, where a plugin saves the time of it.",
    ],
    steps: [
      "In WordPress open WooCommerce, Settings, Advanced, Webhooks, and add a webhook for each topic that your mappings use.",
      "Set the status to Active, paste {url} as the delivery URL and {secret} as the secret, and choose the newest API version.",
      "Save: WooCommerce pings the URL at once and disables the webhook unless it answers.",
    ],
    secret:
      "The webhook's secret exactly as it was entered. Entities in it, such as `&amp;`, are signed as what they stand for.",
    notes: [
      "WooCommerce never tries again, and disables a webhook at the seventh failure in a row: watch `sluice_events_refused_total`.",
      "A deletion carries the id alone, and comes when the record goes to the trash. It has no time: give its mapping no `version`.",
      "`date_modified_gmt` stays as it is when items, stock or refunds of an order change: of two deliveries with one time the one that arrives later wins, and with a `fetch` the preset asks the shop.",
      "A deletion counts as of its arrival, and so does what is restored: the shop may send both long after they happened.",
    ],
  },
  sample: {
    headers: {
      "content-type": "application/json",
      "x-wc-webhook-source": "https://shop.example/",
      "x-wc-webhook-topic": "order.updated",
      "x-wc-webhook-resource": "order",
      "x-wc-webhook-event": "updated",
      "x-wc-webhook-id": "142",
      "x-wc-webhook-delivery-id": "6be83b4cb96b6f1b2be53b7e0a9ad1d2",
    },
    body: {
      id: 727,
      number: "727",
      status: "processing",
      currency: "EUR",
      date_modified_gmt: "2026-11-05T11:59:58",
      total: "29.35",
      customer_id: 26,
      billing: { first_name: "Ada", last_name: "Byron", email: "ada@example.com" },
    },
  },
  deadlineMs: 60_000,
};
