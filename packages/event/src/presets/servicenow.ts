import type { Preset } from "../sender.ts";

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
    fields: [
      { key: "email", title: "E-mail", type: "text", from: "data.fields.email" },
      { key: "phone", title: "Phone", type: "text", from: "data.fields.phone" },
      { key: "job_title", title: "Job title", type: "text", from: "data.fields.title" },
      { key: "company", title: "Company", type: "text", from: COMPANY },
    ],
  },
  {
    object: "company",
    when: "$contains(type, /^(?:core_company|customer_account)\\./)",
    externalId: "'servicenow:' & data.id",
    name: "data.fields.name",
    version: "time",
    gone: "$contains(type, /\\.delete$/)",
    fields: [
      { key: "phone", title: "Phone", type: "text", from: "data.fields.phone" },
      { key: "website", title: "Website", type: "text", from: "data.fields.website" },
      { key: "city", title: "City", type: "text", from: "data.fields.city" },
    ],
  },
];
