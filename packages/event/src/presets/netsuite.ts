import type { Preset } from "../sender.ts";

/** What its common objects become. */
export const NETSUITE_PRESETS: readonly Preset[] = [
  {
    object: "company",
    when: "$contains(type, /^customer\\./)",
    externalId: "data.id ? 'netsuite:' & $string(data.id)",
    name: "data.fields.companyname",
    version: "time",
    gone: 'type = "customer.delete"',
    fields: [
      { key: "number", title: "Number", type: "text", from: "data.external_id" },
      { key: "email", title: "E-mail", type: "text", from: "data.fields.email" },
      { key: "phone", title: "Phone", type: "text", from: "data.fields.phone" },
    ],
  },
];
