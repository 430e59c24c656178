import type { Preset } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";

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
    fields: fieldsOf({
      email: filled("data.email"),
      phone: filled("data.phone"),
      city: filled("data.city"),
    }),
  },
  {
    object: "order",
    when: 'data._model = "sale.order"',
    externalId: "'odoo:' & data._id",
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: fieldsOf({
      status: filled("data.state"),
      total: "data.amount_total",
      contact: "$prefixed('odoo:', data.partner_id)",
    }),
  },
  {
    object: "product",
    when: 'data._model in ["product.template", "product.product"]',
    externalId: "'odoo:' & data._model & ':' & data._id",
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: fieldsOf({ sku: filled("data.default_code"), price: "data.list_price" }),
  },
  {
    object: "invoice",
    when: 'data._model = "account.move"',
    externalId: "'odoo:' & data._id",
    name: 'data.name and data.name != "/" ? data.name : "Draft " & $string(data._id)',
    version: "time",
    gone: 'operation = "delete"',
    fields: fieldsOf({
      status: filled("data.state"),
      total: "data.amount_total",
      open: "data.amount_residual",
      due: "data.invoice_date_due",
      contact: "$prefixed('odoo:', data.partner_id)",
    }),
  },
];
