import type { Preset } from "../sender.ts";

/** A field's value: Odoo writes an empty field as false. */
function filled(path: string): string {
  return `$filled(${path})`;
}

/** The vendor's pages that explain these members. */
export const ODOO_SOURCES: readonly string[] = [
  "https://github.com/odoo/odoo/blob/18.0/odoo/addons/base/models/res_partner.py",
];

/** The mappings of the sender's common objects. */
export const ODOO_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: 'data._model = "res.partner"',
    externalId: "'odoo:' & data._id",
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: [
      { key: "email", title: "E-mail", type: "text", from: filled("data.email") },
      { key: "phone", title: "Phone", type: "text", from: filled("data.phone") },
      { key: "city", title: "City", type: "text", from: filled("data.city") },
    ],
  },
  {
    object: "order",
    when: 'data._model = "sale.order"',
    externalId: "'odoo:' & data._id",
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: [
      { key: "status", title: "Status", type: "text", from: filled("data.state") },
      { key: "total", title: "Total", type: "decimal", from: "data.amount_total" },
      { key: "contact", title: "Contact", type: "text", from: "$prefixed('odoo:', data.partner_id)" },
    ],
  },
  {
    object: "product",
    when: 'data._model in ["product.template", "product.product"]',
    externalId: "'odoo:' & data._model & ':' & data._id",
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: [
      { key: "sku", title: "SKU", type: "text", from: filled("data.default_code") },
      { key: "price", title: "Price", type: "decimal", from: "data.list_price" },
    ],
  },
  {
    object: "invoice",
    when: 'data._model = "account.move"',
    externalId: "'odoo:' & data._id",
    name: 'data.name and data.name != "/" ? data.name : "Draft " & $string(data._id)',
    version: "time",
    gone: 'operation = "delete"',
    fields: [
      { key: "status", title: "Status", type: "text", from: filled("data.state") },
      { key: "total", title: "Total", type: "decimal", from: "data.amount_total" },
      { key: "open", title: "Open", type: "decimal", from: "data.amount_residual" },
      { key: "due", title: "Due", type: "date", from: "data.invoice_date_due" },
      { key: "contact", title: "Contact", type: "text", from: "$prefixed('odoo:', data.partner_id)" },
    ],
  },
];
