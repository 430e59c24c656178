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
];
