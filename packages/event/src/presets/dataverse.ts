import type { Preset } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";

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
    fields: fieldsOf({
      email: "data.emailaddress1",
      phone: "data.telephone1",
      city: "data.address1_city",
    }),
  },
  {
    object: "company",
    when: "$contains(type, /^account\\./)",
    externalId: KEY,
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: fieldsOf({
      email: "data.emailaddress1",
      phone: "data.telephone1",
      website: "data.websiteurl",
    }),
  },
  {
    object: "order",
    when: "$contains(type, /^salesorder\\./)",
    externalId: KEY,
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: fieldsOf({
      total: "data.totalamount",
      status: "$toText(data.statuscode)",
      customer: "$prefixed('dataverse:', data.customerid)",
    }),
  },
  {
    object: "product",
    when: "$contains(type, /^product\\./)",
    externalId: KEY,
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: fieldsOf({ sku: "data.productnumber", price: "data.price" }),
  },
  {
    object: "invoice",
    when: "$contains(type, /^invoice\\./)",
    externalId: KEY,
    name: "data.name",
    version: "time",
    gone: 'operation = "delete"',
    fields: fieldsOf({
      total: "data.totalamount",
      status: "$toText(data.statuscode)",
      customer: "$prefixed('dataverse:', data.customerid)",
    }),
  },
];
