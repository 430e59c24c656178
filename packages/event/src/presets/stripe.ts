import type { Preset, SenderFetch } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";

/** Stripe's API. A fetched document is exact also where two events have one second. */
export const STRIPE_FETCH: SenderFetch = {
  base: "https://api.stripe.com/v1",
  auth: { bearer: "{variable:API_KEY}" },
  notes: ["The key is a restricted one that may read customers, products and invoices."],
};

/**
 * An amount. Stripe writes amounts in the currency's smallest unit, and some currencies have none below one. UGX and ISK have none,
 * yet Stripe writes them with two decimals, and HUF and TWD are whole in payouts alone (docs.stripe.com/currencies, special cases).
 */
function amount(of: string, currency: string): string {
  const whole = "bif|clp|djf|gnf|jpy|kmf|krw|mga|pyg|rwf|vnd|vuv|xaf|xof|xpf";
  const thousandths = "bhd|jod|kwd|omr|tnd";
  const per = `$contains(${currency}, /^(?:${whole})$/) ? 1 : $contains(${currency}, /^(?:${thousandths})$/) ? 1000 : 100`;
  return `$type(${of}) = "number" and $type(${currency}) = "string" ? ${of} / (${per}) : ${of} = null ? null`;
}

/** The object that a fetch answers. One that was deleted is answered without its values: the event of its deletion says all. */
const LIVING = "deleted = true ? null : $";

/** The vendor's pages that explain these members. */
export const STRIPE_SOURCES: readonly string[] = [
  "https://docs.stripe.com/api/events/types",
  "https://docs.stripe.com/currencies#special-cases",
];

/** The mappings of the sender's common objects. */
export const STRIPE_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: 'type in ["customer.created", "customer.updated", "customer.deleted"]',
    fetch: { url: "/customers/{{data.id}}", document: LIVING, optional: true },
    externalId: "'stripe:' & data.id",
    name: "data.name ? data.name : data.email ? data.email : data.id",
    version: "notice ? $now() : time",
    gone: 'type = "customer.deleted"',
    goneByArrival: "fetched",
    fields: fieldsOf({
      email: "data.email",
      phone: "data.phone",
      balance: amount("data.balance", "data.currency"),
    }),
  },
  {
    object: "product",
    when: 'type in ["product.created", "product.updated", "product.deleted"]',
    fetch: { url: "/products/{{data.id}}", document: LIVING, optional: true },
    externalId: "'stripe:' & data.id",
    name: "data.name",
    version: "notice ? $now() : time",
    gone: 'type = "product.deleted"',
    goneByArrival: "fetched",
    fields: fieldsOf({ active: "data.active", description: "data.description" }),
  },
  {
    object: "invoice",
    // The preview of an invoice to come has no id, and is none yet.
    when: '$contains(type, /^invoice\\./) and type != "invoice.upcoming" and data.object = "invoice"',
    fetch: { url: "/invoices/{{data.id}}", document: LIVING, optional: true },
    externalId: "'stripe:' & data.id",
    name: "data.number ? data.number : data.id",
    version: "notice ? $now() : time",
    gone: 'type = "invoice.deleted"',
    goneByArrival: "fetched",
    fields: fieldsOf({
      status: "data.status",
      total: amount("data.total", "data.currency"),
      currency: "data.currency",
      contact: "$prefixed('stripe:', data.customer)",
    }),
  },
];
