import type { Preset } from "../sender.ts";

/** Amounts are in the currency's smallest unit, and some currencies have none below one. */
function amount(of: string, currency: string): string {
  const whole = "bif|clp|djf|gnf|jpy|kmf|krw|mga|pyg|rwf|ugx|vnd|vuv|xaf|xof|xpf";
  const thousandths = "bhd|jod|kwd|omr|tnd";
  const per = `$contains(${currency}, /^(?:${whole})$/) ? 1 : $contains(${currency}, /^(?:${thousandths})$/) ? 1000 : 100`;
  return `$type(${of}) = "number" and $type(${currency}) = "string" ? ${of} / (${per})`;
}

/** What its common objects become. */
export const STRIPE_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: 'type in ["customer.created", "customer.updated", "customer.deleted"]',
    externalId: "data.id ? 'stripe:' & data.id",
    name: "data.name ? data.name : data.email",
    version: "time",
    gone: 'type = "customer.deleted"',
    fields: [
      { key: "email", title: "E-mail", type: "text", from: "data.email" },
      { key: "phone", title: "Phone", type: "text", from: "data.phone" },
      { key: "balance", title: "Balance", type: "decimal", from: amount("data.balance", "data.currency") },
    ],
  },
  {
    object: "product",
    when: 'type in ["product.created", "product.updated", "product.deleted"]',
    externalId: "data.id ? 'stripe:' & data.id",
    name: "data.name",
    version: "time",
    gone: 'type = "product.deleted"',
    fields: [
      { key: "active", title: "Active", type: "checkbox", from: "data.active" },
      { key: "description", title: "Description", type: "text", from: "data.description" },
    ],
  },
  {
    object: "invoice",
    when: '$contains(type, /^invoice\\./) and data.object = "invoice"',
    externalId: "data.id ? 'stripe:' & data.id",
    name: "data.number ? data.number : data.id",
    version: "time",
    gone: 'type = "invoice.deleted"',
    fields: [
      { key: "status", title: "Status", type: "text", from: "data.status" },
      { key: "total", title: "Total", type: "decimal", from: amount("data.total", "data.currency") },
      { key: "currency", title: "Currency", type: "text", from: "data.currency" },
      { key: "contact", title: "Contact", type: "text", from: "data.customer ? 'stripe:' & data.customer" },
    ],
  },
];
