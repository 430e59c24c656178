import type { Preset } from "../sender.ts";

/** The vendor's pages that explain these members. */
export const SHOPIFY_SOURCES: readonly string[] = ["https://shopify.dev/docs/api/admin-rest/latest/resources/customer"];

/** The mappings of the sender's common objects. */
export const SHOPIFY_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: 'type in ["customers/create", "customers/update", "customers/enable", "customers/disable", "customers/delete"]',
    // The event of a deletion that privacy law demands; its body has another shape.
    absorbs: [{ when: 'type = "customers/redact"', externalId: "'shopify:' & data.customer.id" }],
    externalId: "'shopify:' & data.id",
    name: "($name := $words(data.first_name, data.last_name); $name ? $name : data.email ? data.email : data.phone ? data.phone : 'Shopify customer ' & data.id)",
    version: "$exists(version) ? version : time",
    gone: 'type = "customers/delete"',
    fields: [
      { key: "email", title: "E-mail", type: "text", from: "data.email" },
      { key: "phone", title: "Phone", type: "text", from: "data.phone" },
      { key: "city", title: "City", type: "text", from: "data.default_address.city" },
      { key: "country", title: "Country", type: "text", from: "data.default_address.country_code" },
    ],
  },
  {
    object: "order",
    // Each of these events carries the whole order.
    when: 'type in ["orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/fulfilled", "orders/partially_fulfilled", "orders/delete"]',
    externalId: "'shopify:' & data.id",
    name: "data.name",
    version: "$exists(version) ? version : time",
    gone: 'type = "orders/delete"',
    fields: [
      { key: "status", title: "Status", type: "text", from: "data.financial_status" },
      { key: "total", title: "Total", type: "decimal", from: "$toNumber(data.total_price)" },
      { key: "currency", title: "Currency", type: "text", from: "data.currency" },
      {
        key: "contact",
        title: "Contact",
        type: "text",
        from: "$prefixed('shopify:', data.customer.id)",
      },
    ],
  },
  {
    object: "product",
    when: 'type in ["products/create", "products/update", "products/delete"]',
    externalId: "'shopify:' & data.id",
    name: "data.title",
    version: "$exists(version) ? version : time",
    gone: 'type = "products/delete"',
    fields: [
      { key: "status", title: "Status", type: "text", from: "data.status" },
      { key: "vendor", title: "Vendor", type: "text", from: "data.vendor" },
      {
        key: "price",
        title: "Price",
        type: "decimal",
        from: "$toNumber(data.variants[0].price)",
      },
      { key: "sku", title: "SKU", type: "text", from: "data.variants[0].sku" },
    ],
  },
];
