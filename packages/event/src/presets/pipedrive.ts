import type { Preset } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";
import { memberOrNull } from "./member-or-null.ts";

/** The primary one of a person's addresses or numbers, the first where none is; an empty list clears. */
function primary(list: string): string {
  return `($one := ${list}[primary = true][0].value; $exists($one) ? $one : (${memberOrNull(list, "[0].value")}))`;
}

/** The vendor's pages that explain these members. */
export const PIPEDRIVE_SOURCES: readonly string[] = ["https://developers.pipedrive.com/docs/api/v1/Persons"];

/** The mappings of the sender's common objects. */
export const PIPEDRIVE_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: "$contains(type, /\\.person$/)",
    externalId: "'pipedrive:' & data.meta.entity_id",
    name: "data.data.name",
    version: "$exists(version) ? version : time",
    gone: 'operation = "delete"',
    fields: fieldsOf({
      email: `$type(data.data.email) = "string" ? data.data.email : (${primary("data.data.emails")})`,
      phone: `$type(data.data.phone) = "string" ? data.data.phone : (${primary("data.data.phones")})`,
    }),
  },
  {
    object: "company",
    when: "$contains(type, /\\.organization$/)",
    externalId: "'pipedrive:' & data.meta.entity_id",
    name: "data.data.name",
    version: "$exists(version) ? version : time",
    gone: 'operation = "delete"',
    fields: fieldsOf({ website: "data.data.website", industry: "$toText(data.data.industry)" }),
  },
  {
    object: "product",
    when: "$contains(type, /\\.product$/)",
    externalId: "'pipedrive:' & data.meta.entity_id",
    name: "data.data.name",
    version: "$exists(version) ? version : time",
    gone: 'operation = "delete"',
    fields: fieldsOf({
      sku: "data.data.code",
      unit: "data.data.unit",
      price: memberOrNull("data.data.prices", "[0].price"),
    }),
  },
];
