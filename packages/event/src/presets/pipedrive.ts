import type { Preset } from "../sender.ts";

/** The vendor's pages that explain these members. */
export const PIPEDRIVE_SOURCES: readonly string[] = ["https://developers.pipedrive.com/docs/api/v1/Persons"];

/** The mappings of the sender's common objects. */
export const PIPEDRIVE_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: "$contains(type, /person$/)",
    externalId: "'pipedrive:' & data.meta.entity_id",
    name: "data.data.name",
    version: "$exists(version) ? version : time",
    gone: 'operation = "delete"',
    fields: [
      {
        key: "email",
        title: "E-mail",
        type: "text",
        from: '$type(data.data.email) = "string" ? data.data.email : data.data.emails[primary = true].value',
      },
      {
        key: "phone",
        title: "Phone",
        type: "text",
        from: '$type(data.data.phone) = "string" ? data.data.phone : data.data.phones[primary = true].value',
      },
    ],
  },
  {
    object: "company",
    when: "$contains(type, /organization$/)",
    externalId: "'pipedrive:' & data.meta.entity_id",
    name: "data.data.name",
    version: "$exists(version) ? version : time",
    gone: 'operation = "delete"',
    fields: [
      { key: "website", title: "Website", type: "text", from: "data.data.website" },
      { key: "industry", title: "Industry", type: "text", from: "$toText(data.data.industry)" },
    ],
  },
  {
    object: "product",
    when: "$contains(type, /product$/)",
    externalId: "'pipedrive:' & data.meta.entity_id",
    name: "data.data.name",
    version: "$exists(version) ? version : time",
    gone: 'operation = "delete"',
    fields: [
      { key: "sku", title: "SKU", type: "text", from: "data.data.code" },
      { key: "unit", title: "Unit", type: "text", from: "data.data.unit" },
      { key: "price", title: "Price", type: "decimal", from: "data.data.prices[0].price" },
    ],
  },
];
