import type { Preset } from "../sender.ts";

/** The vendor's pages that explain these members. */
export const SALESFORCE_SOURCES: readonly string[] = [
  "https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contact.htm",
];

/** The mappings of the sender's common objects. */
export const SALESFORCE_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: 'type = "Contact"',
    externalId: "'salesforce:' & data.Id",
    name: "$words(data.FirstName, data.LastName)",
    version: "time",
    fields: [
      { key: "email", title: "E-mail", type: "text", from: "data.Email" },
      { key: "phone", title: "Phone", type: "text", from: "data.Phone" },
      { key: "company", title: "Company", type: "text", from: "$prefixed('salesforce:', data.AccountId)" },
    ],
  },
  {
    object: "company",
    when: 'type = "Account"',
    externalId: "'salesforce:' & data.Id",
    name: "data.Name",
    version: "time",
    fields: [
      { key: "phone", title: "Phone", type: "text", from: "data.Phone" },
      { key: "industry", title: "Industry", type: "text", from: "data.Industry" },
      { key: "website", title: "Website", type: "text", from: "data.Website" },
    ],
  },
  {
    object: "order",
    when: 'type = "Order"',
    externalId: "'salesforce:' & data.Id",
    name: "data.OrderNumber",
    version: "time",
    fields: [
      { key: "status", title: "Status", type: "text", from: "data.Status" },
      { key: "total", title: "Total", type: "decimal", from: "$toNumber(data.TotalAmount)" },
      { key: "company", title: "Company", type: "text", from: "$prefixed('salesforce:', data.AccountId)" },
    ],
  },
  {
    object: "product",
    when: 'type = "Product2"',
    externalId: "'salesforce:' & data.Id",
    name: "data.Name",
    version: "time",
    fields: [
      { key: "sku", title: "SKU", type: "text", from: "data.ProductCode" },
      { key: "family", title: "Family", type: "text", from: "data.Family" },
    ],
  },
];
