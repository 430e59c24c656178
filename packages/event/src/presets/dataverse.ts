import type { Preset } from "../sender.ts";

/** The record's key. Before a record is created its id is the nil GUID, which is nobody's. */
const KEY = "$prefixed('dataverse:', data.PrimaryEntityId)";

/** The vendor's pages that explain these members. */
export const DATAVERSE_SOURCES: readonly string[] = [
  "https://learn.microsoft.com/en-us/power-apps/developer/data-platform/reference/entities/contact",
];

/** The mappings of the sender's common objects. */
export const DATAVERSE_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: "$contains(type, /^contact\\./)",
    externalId: KEY,
    // An update carries the columns that changed: one half of a name is no name.
    name: "data.fullname ? data.fullname : $exists(data.firstname) and $exists(data.lastname) or $contains(type, /[.]Create$/) ? $words(data.firstname, data.lastname)",
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
    when: "$contains(type, /^account\\./)",
    externalId: KEY,
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
    when: "$contains(type, /^salesorder\\./)",
    externalId: KEY,
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: [
      { key: "total", title: "Total", type: "decimal", from: "data.totalamount" },
      { key: "status", title: "Status", type: "text", from: "$toText(data.statuscode)" },
      { key: "customer", title: "Customer", type: "text", from: "$prefixed('dataverse:', data.customerid)" },
    ],
  },
  {
    object: "product",
    when: "$contains(type, /^product\\./)",
    externalId: KEY,
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
    when: "$contains(type, /^invoice\\./)",
    externalId: KEY,
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: [
      { key: "total", title: "Total", type: "decimal", from: "data.totalamount" },
      { key: "status", title: "Status", type: "text", from: "$toText(data.statuscode)" },
      { key: "customer", title: "Customer", type: "text", from: "$prefixed('dataverse:', data.customerid)" },
    ],
  },
];
