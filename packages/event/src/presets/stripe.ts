import type { Preset } from "../sender.ts";

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
      { key: "balance", title: "Balance", type: "decimal", from: "$exists(data.balance) ? data.balance / 100" },
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
      { key: "total", title: "Total", type: "decimal", from: "$exists(data.total) ? data.total / 100" },
      { key: "currency", title: "Currency", type: "text", from: "data.currency" },
      { key: "contact", title: "Contact", type: "text", from: "data.customer ? 'stripe:' & data.customer" },
    ],
  },
];
