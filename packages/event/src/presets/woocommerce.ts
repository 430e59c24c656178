import type { Preset, SenderFetch } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";

/** The shop's own API. A fetched document is exact also where two changes have one time. */
export const WOOCOMMERCE_FETCH: SenderFetch = {
  base: "https://YOUR-SHOP/wp-json/wc/v3",
  auth: { basic: { user: "{variable:CONSUMER_KEY}", password: "{variable:CONSUMER_SECRET}" } },
  notes: ["The key may read, and is made under WooCommerce, Settings, Advanced, REST API."],
};

/**
 * The version: a document is as new as the event that asked for it, whatever the shop's clock says. What is restored comes back later
 * than it was deleted, which counts as of its arrival: webhooks are sent by a queue of the shop, and both may have waited in it.
 */
const VERSION = "notice or $contains(type, /[.]restored$/) ? $now() : time";

/** The vendor's pages that explain these members. */
export const WOOCOMMERCE_SOURCES: readonly string[] = ["https://woocommerce.github.io/woocommerce-rest-api-docs/"];

/** The mappings of the sender's common objects. */
export const WOOCOMMERCE_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    fetch: { url: "/customers/{{data.id}}", optional: true },
    when: "$contains(type, /^customer\\./)",
    externalId: "'woocommerce:' & data.id",
    name: "($name := $words(data.first_name, data.last_name); $name ? $name : data.email ? data.email : data.username)",
    version: VERSION,
    gone: 'type = "customer.deleted"',
    goneByArrival: true,
    fields: fieldsOf({
      email: "data.email",
      phone: "data.billing.phone",
      city: "data.billing.city",
    }),
  },
  {
    object: "order",
    fetch: { url: "/orders/{{data.id}}", optional: true },
    when: "$contains(type, /^order\\./)",
    externalId: "'woocommerce:' & data.id",
    name: "data.number",
    version: VERSION,
    gone: 'type = "order.deleted"',
    goneByArrival: true,
    fields: fieldsOf({
      status: "data.status",
      total: "$toNumber(data.total)",
      currency: "data.currency",
      // A guest is customer 0.
      contact: "data.customer_id = 0 ? null : $prefixed('woocommerce:', data.customer_id)",
    }),
  },
  {
    object: "product",
    fetch: { url: "/products/{{data.id}}", optional: true },
    when: "$contains(type, /^product\\./)",
    externalId: "'woocommerce:' & data.id",
    name: "data.name",
    version: VERSION,
    gone: 'type = "product.deleted"',
    goneByArrival: true,
    fields: fieldsOf({
      status: "data.status",
      sku: "data.sku",
      price: "$toNumber(data.price)",
    }),
  },
];
