import type { Preset } from "../sender.ts";

/** What its common objects become. */
export const SALESFORCE_CDC_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: "$contains(type, /^Contact\\./) and $not(thin = true)",
    externalId: "recordId ? 'salesforce:' & recordId",
    name: '$exists(data.Name) ? $join([data.Name.FirstName, data.Name.LastName][$ != null], " ")',
    version: "version",
    gone: 'operation = "delete"',
    fields: [
      {
        key: "email",
        title: "E-mail",
        type: "text",
        from: '"Email" in data.ChangeEventHeader.nulledFields ? null : data.Email',
      },
      {
        key: "phone",
        title: "Phone",
        type: "text",
        from: '"Phone" in data.ChangeEventHeader.nulledFields ? null : data.Phone',
      },
    ],
  },
  {
    object: "company",
    when: "$contains(type, /^Account\\./) and $not(thin = true)",
    externalId: "recordId ? 'salesforce:' & recordId",
    name: "data.Name",
    version: "version",
    gone: 'operation = "delete"',
    fields: [
      {
        key: "phone",
        title: "Phone",
        type: "text",
        from: '"Phone" in data.ChangeEventHeader.nulledFields ? null : data.Phone',
      },
      {
        key: "industry",
        title: "Industry",
        type: "text",
        from: '"Industry" in data.ChangeEventHeader.nulledFields ? null : data.Industry',
      },
    ],
  },
];
