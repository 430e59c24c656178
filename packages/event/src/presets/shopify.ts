import type { Preset } from "../sender.ts";
import { memberOrNull } from "./member-or-null.ts";

/** A member of the customer's address; a customer without any has no member for it, but an empty list of all. */
function address(member: string): string {
  const none = "$exists(data.addresses) and $count(data.addresses) = 0 ? null";
  return `$exists(data.default_address) ? (${memberOrNull("data.default_address", `.${member}`)}) : ${none}`;
}

/** The vendor's pages that explain these members. */
export const SHOPIFY_SOURCES: readonly string[] = [
  "https://shopify.dev/docs/api/admin-rest/latest/resources/customer",
  "https://shopify.dev/docs/api/webhooks/latest",
];

/** The mappings of the sender's common objects. */
export const SHOPIFY_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: 'type in ["customers/create", "customers/update", "customers/enable", "customers/disable", "customers/delete"]',
    // The event of a deletion that privacy law demands; its body has another shape.
    absorbs: [
      { when: 'type = "customers/redact"', externalId: "'shopify:' & data.customer.id" },
      // The customer who is kept has an update of its own; a merge that failed took nobody away.
      {
        when: 'type = "customers/merge" and $lowercase(data.status) = "completed"',
        externalId: "'shopify:' & $match(data.admin_graphql_api_customer_deleted_id, /[0-9]+$/)[0].match",
      },
    ],
    externalId: "'shopify:' & data.id",
    name: "($name := $words(data.first_name, data.last_name); $name ? $name : data.email ? data.email : data.phone ? data.phone : 'Shopify customer ' & data.id)",
    version: "$exists(version) ? version : time",
    gone: 'type = "customers/delete"',
    fields: [
      { key: "email", title: "E-mail", type: "text", from: "data.email" },
      { key: "phone", title: "Phone", type: "text", from: "data.phone" },
      { key: "city", title: "City", type: "text", from: address("city") },
      { key: "country", title: "Country", type: "text", from: address("country_code") },
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
        from: `$prefixed('shopify:', ${memberOrNull("data.customer", ".id")})`,
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
        from: `$toNumber(${memberOrNull("data.variants", "[0].price")})`,
      },
      { key: "sku", title: "SKU", type: "text", from: memberOrNull("data.variants", "[0].sku") },
    ],
  },
];
