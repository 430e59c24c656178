import type { Preset } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";

/** A reference to another record, which ServiceNow names by its sys_id. */
const COMPANY = "$prefixed('servicenow:', $exists(data.fields.account) ? data.fields.account : data.fields.company)";

/** The vendor's pages that explain these members. */
export const SERVICENOW_SOURCES: readonly string[] = [
  "https://www.servicenow.com/docs/r/api-reference/server-api-reference/c_GlideRecordAPI.html",
];

/** The mappings of the sender's common objects. */
export const SERVICENOW_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: "$contains(type, /^(?:sys_user|customer_contact)\\./)",
    externalId: "'servicenow:' & data.id",
    name: "data.fields.name ? data.fields.name : data.fields.email",
    version: "time",
    gone: "$contains(type, /\\.delete$/)",
    fields: fieldsOf({
      email: "data.fields.email",
      phone: "data.fields.phone",
      job_title: "data.fields.title",
      company: COMPANY,
    }),
  },
  {
    object: "company",
    when: "$contains(type, /^(?:core_company|customer_account)\\./)",
    externalId: "'servicenow:' & data.id",
    name: "data.fields.name",
    version: "time",
    gone: "$contains(type, /\\.delete$/)",
    fields: fieldsOf({
      phone: "data.fields.phone",
      website: "data.fields.website",
      city: "data.fields.city",
    }),
  },
];
