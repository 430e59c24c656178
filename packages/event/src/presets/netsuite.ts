import type { Preset } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";

/** A reference to another record, which NetSuite names by its internal id. */
function reference(field: string): string {
  return `$prefixed('netsuite:', data.fields.${field})`;
}

const SALE: Preset["fields"] = fieldsOf({
  status: "data.fields.status",
  total: "$toNumber(data.fields.total)",
  company: reference("entity"),
});

/** The vendor's pages that explain these members. */
export const NETSUITE_SOURCES: readonly string[] = [
  "https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_4407992281.html",
];

/** The mappings of the sender's common objects. */
export const NETSUITE_PRESETS: readonly Preset[] = [
  {
    object: "company",
    when: "$contains(type, /^customer\\./)",
    externalId: "'netsuite:' & data.id",
    // A customer who is a person has no company's name.
    name: "data.fields.companyname ? data.fields.companyname : ($name := $words(data.fields.firstname, data.fields.lastname); $name ? $name : data.fields.entityid)",
    version: "time",
    gone: 'type = "customer.delete"',
    fields: fieldsOf({
      number: "data.external_id",
      email: "data.fields.email",
      phone: "data.fields.phone",
    }),
  },
  {
    object: "contact",
    when: "$contains(type, /^contact\\./)",
    externalId: "'netsuite:' & data.id",
    name: "data.fields.entityid",
    version: "time",
    gone: 'type = "contact.delete"',
    fields: fieldsOf({
      email: "data.fields.email",
      phone: "data.fields.phone",
      company: reference("company"),
    }),
  },
  {
    object: "order",
    when: "$contains(type, /^salesorder\\./)",
    externalId: "'netsuite:' & data.id",
    name: "data.fields.tranid",
    version: "time",
    gone: 'type = "salesorder.delete"',
    fields: SALE,
  },
  {
    object: "invoice",
    when: "$contains(type, /^invoice\\./)",
    externalId: "'netsuite:' & data.id",
    name: "data.fields.tranid",
    version: "time",
    gone: 'type = "invoice.delete"',
    fields: [...SALE, ...fieldsOf({ due: "data.fields.duedate" })],
  },
  {
    object: "product",
    // Custom records and the items of payrolls count their ids for themselves.
    when: "$contains(type, /^[a-z]+item\\.[a-z]+$/) and $not($contains(type, /^payrollitem\\./))",
    externalId: "'netsuite:' & data.id",
    name: "data.fields.displayname ? data.fields.displayname : data.fields.itemid",
    version: "time",
    gone: "$contains(type, /item[.]delete$/)",
    fields: fieldsOf({ sku: "data.fields.itemid" }),
  },
];
