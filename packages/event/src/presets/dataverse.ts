import type { Preset } from "../sender.ts";

/** What its common objects become. */
export const DATAVERSE_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: "$contains(type, /^contact\\./) and $not(thin = true)",
    externalId: "data.PrimaryEntityId ? 'dataverse:' & data.PrimaryEntityId",
    name: '$exists(data.fullname) ? data.fullname : $exists(data.lastname) ? $join([data.firstname, data.lastname][$ != null], " ")',
    version: "time",
    gone: 'operation = "delete"',
    fields: [
      { key: "email", title: "E-mail", type: "text", from: "data.emailaddress1" },
      { key: "phone", title: "Phone", type: "text", from: "data.telephone1" },
      { key: "city", title: "City", type: "text", from: "data.address1_city" },
    ],
  },
  {
    object: "company",
    when: "$contains(type, /^account\\./) and $not(thin = true)",
    externalId: "data.PrimaryEntityId ? 'dataverse:' & data.PrimaryEntityId",
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: [
      { key: "email", title: "E-mail", type: "text", from: "data.emailaddress1" },
      { key: "phone", title: "Phone", type: "text", from: "data.telephone1" },
      { key: "website", title: "Website", type: "text", from: "data.websiteurl" },
    ],
  },
  {
    object: "order",
    when: "$contains(type, /^salesorder\\./) and $not(thin = true)",
    externalId: "data.PrimaryEntityId ? 'dataverse:' & data.PrimaryEntityId",
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: [
      { key: "total", title: "Total", type: "decimal", from: "data.totalamount" },
      { key: "status", title: "Status", type: "text", from: "data.statuscode ? $string(data.statuscode)" },
      { key: "customer", title: "Customer", type: "text", from: "data.customerid ? 'dataverse:' & data.customerid" },
    ],
  },
  {
    object: "product",
    when: "$contains(type, /^product\\./) and $not(thin = true)",
    externalId: "data.PrimaryEntityId ? 'dataverse:' & data.PrimaryEntityId",
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: [
      { key: "sku", title: "SKU", type: "text", from: "data.productnumber" },
      { key: "price", title: "Price", type: "decimal", from: "data.price" },
    ],
  },
  {
    object: "invoice",
    when: "$contains(type, /^invoice\\./) and $not(thin = true)",
    externalId: "data.PrimaryEntityId ? 'dataverse:' & data.PrimaryEntityId",
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: [
      { key: "total", title: "Total", type: "decimal", from: "data.totalamount" },
      { key: "status", title: "Status", type: "text", from: "data.statuscode ? $string(data.statuscode)" },
      { key: "customer", title: "Customer", type: "text", from: "data.customerid ? 'dataverse:' & data.customerid" },
    ],
  },
];
