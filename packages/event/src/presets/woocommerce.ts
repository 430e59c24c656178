import type { Preset } from "../sender.ts";

/** What its common objects become. */
export const WOOCOMMERCE_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: "$contains(type, /^customer\\./)",
    externalId: "data.id ? 'woocommerce:' & $string(data.id)",
    name: '($name := $trim($join([data.first_name, data.last_name][$ != null], " ")); $name != "" ? $name : data.email)',
    version: "time",
    gone: 'type = "customer.deleted"',
    goneByArrival: true,
    fields: [
      { key: "email", title: "E-mail", type: "text", from: "data.email" },
      { key: "phone", title: "Phone", type: "text", from: "data.billing.phone" },
      { key: "city", title: "City", type: "text", from: "data.billing.city" },
    ],
  },
  {
    object: "order",
    when: "$contains(type, /^order\\./)",
    externalId: "data.id ? 'woocommerce:' & $string(data.id)",
    name: "data.number",
    version: "time",
    gone: 'type = "order.deleted"',
    goneByArrival: true,
    fields: [
      { key: "status", title: "Status", type: "text", from: "data.status" },
      { key: "total", title: "Total", type: "decimal", from: "data.total ? $number(data.total)" },
      { key: "currency", title: "Currency", type: "text", from: "data.currency" },
      {
        key: "contact",
        title: "Contact",
        type: "text",
        from: "data.customer_id ? 'woocommerce:' & $string(data.customer_id)",
      },
    ],
  },
  {
    object: "product",
    when: "$contains(type, /^product\\./)",
    externalId: "data.id ? 'woocommerce:' & $string(data.id)",
    name: "data.name",
    version: "time",
    gone: 'type = "product.deleted"',
    goneByArrival: true,
    fields: [
      { key: "status", title: "Status", type: "text", from: "data.status" },
      { key: "sku", title: "SKU", type: "text", from: "data.sku" },
      { key: "price", title: "Price", type: "decimal", from: "data.price ? $number(data.price)" },
    ],
  },
];
