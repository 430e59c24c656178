import type { Preset } from "../sender.ts";

/** A change names what it cleared; what it does not name it leaves. */
function change(field: string): string {
  return `"${field}" in data.ChangeEventHeader.nulledFields ? null : data.${field}`;
}

/** What its common objects become. */
export const SALESFORCE_CDC_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: "$contains(type, /^Contact\\./) and $not(thin = true)",
    externalId: "recordId ? 'salesforce:' & recordId",
    name: '$exists(data.Name) ? $join([data.Name.FirstName, data.Name.LastName][$ != null], " ")',
    version: "version",
    gone: 'operation = "delete"',
    fields: [
      {
        key: "email",
        title: "E-mail",
        type: "text",
        from: change("Email"),
      },
      {
        key: "phone",
        title: "Phone",
        type: "text",
        from: change("Phone"),
      },
    ],
  },
  {
    object: "company",
    when: "$contains(type, /^Account\\./) and $not(thin = true)",
    externalId: "recordId ? 'salesforce:' & recordId",
    name: "data.Name",
    version: "version",
    gone: 'operation = "delete"',
    fields: [
      {
        key: "phone",
        title: "Phone",
        type: "text",
        from: change("Phone"),
      },
      {
        key: "industry",
        title: "Industry",
        type: "text",
        from: change("Industry"),
      },
    ],
  },
  {
    object: "order",
    when: "$contains(type, /^Order\\./) and $not(thin = true)",
    externalId: "recordId ? 'salesforce:' & recordId",
    name: "data.OrderNumber",
    version: "version",
    gone: 'operation = "delete"',
    fields: [
      { key: "status", title: "Status", type: "text", from: change("Status") },
      { key: "total", title: "Total", type: "decimal", from: change("TotalAmount") },
      { key: "company", title: "Company", type: "text", from: "data.AccountId ? 'salesforce:' & data.AccountId" },
    ],
  },
  {
    object: "product",
    when: "$contains(type, /^Product2\\./) and $not(thin = true)",
    externalId: "recordId ? 'salesforce:' & recordId",
    name: "data.Name",
    version: "version",
    gone: 'operation = "delete"',
    fields: [
      { key: "sku", title: "SKU", type: "text", from: change("ProductCode") },
      { key: "family", title: "Family", type: "text", from: change("Family") },
      { key: "active", title: "Active", type: "checkbox", from: change("IsActive") },
    ],
  },
];
