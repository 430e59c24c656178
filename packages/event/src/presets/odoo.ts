import type { Preset } from "../sender.ts";

/** Odoo writes a field that is empty as false. */
function filled(path: string): string {
  return `${path} = false ? null : ${path}`;
}

/** What its common objects become. */
export const ODOO_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: 'data._model = "res.partner"',
    externalId: "data._id ? 'odoo:' & $string(data._id)",
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
    externalId: "data._id ? 'odoo:' & $string(data._id)",
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: [
      { key: "status", title: "Status", type: "text", from: filled("data.state") },
      { key: "total", title: "Total", type: "decimal", from: "data.amount_total" },
      { key: "contact", title: "Contact", type: "text", from: "data.partner_id ? 'odoo:' & $string(data.partner_id)" },
    ],
  },
];
