import type { Preset } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";

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
    fields: fieldsOf({
      email: "data.Email",
      phone: "data.Phone",
      company: "$prefixed('salesforce:', data.AccountId)",
    }),
  },
  {
    object: "company",
    when: 'type = "Account"',
    externalId: "'salesforce:' & data.Id",
    name: "data.Name",
    version: "time",
    fields: fieldsOf({
      phone: "data.Phone",
      industry: "data.Industry",
      website: "data.Website",
    }),
  },
  {
    object: "order",
    when: 'type = "Order"',
    externalId: "'salesforce:' & data.Id",
    name: "data.OrderNumber",
    version: "time",
    fields: fieldsOf({
      status: "data.Status",
      total: "$toNumber(data.TotalAmount)",
      company: "$prefixed('salesforce:', data.AccountId)",
    }),
  },
  {
    object: "product",
    when: 'type = "Product2"',
    externalId: "'salesforce:' & data.Id",
    name: "data.Name",
    version: "time",
    fields: fieldsOf({ sku: "data.ProductCode", family: "data.Family" }),
  },
];
