import type { Preset } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";
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
    fields: fieldsOf({
      email: "data.email",
      phone: "data.phone",
      city: address("city"),
      country: address("country_code"),
    }),
  },
  {
    object: "order",
    // Each of these events carries the whole order.
    when: 'type in ["orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/fulfilled", "orders/partially_fulfilled", "orders/delete"]',
    externalId: "'shopify:' & data.id",
    name: "data.name",
    version: "$exists(version) ? version : time",
    gone: 'type = "orders/delete"',
    fields: fieldsOf({
      status: "data.financial_status",
      total: "$toNumber(data.total_price)",
      currency: "data.currency",
      contact: `$prefixed('shopify:', ${memberOrNull("data.customer", ".id")})`,
    }),
  },
  {
    object: "product",
    when: 'type in ["products/create", "products/update", "products/delete"]',
    externalId: "'shopify:' & data.id",
    name: "data.title",
    version: "$exists(version) ? version : time",
    gone: 'type = "products/delete"',
    fields: fieldsOf({
      status: "data.status",
      vendor: "data.vendor",
      price: `$toNumber(${memberOrNull("data.variants", "[0].price")})`,
      sku: memberOrNull("data.variants", "[0].sku"),
    }),
  },
];
