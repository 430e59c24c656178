import type { Preset } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";

/**
 * A field's value in a change, which names the fields that it cleared. In the shape of the Pub/Sub API every unchanged field is null as
 * well; in the event relay's shape `nulledFields` may be missing, and then the null of a field that `changedFields` names counts
 * (pozil/pub-sub-api-java-client#5).
 */
function change(field: string): string {
  const { nulled, changed } = {
    nulled: "data.ChangeEventHeader.nulledFields",
    changed: "data.ChangeEventHeader.changedFields",
  };
  return `data.${field} != null ? data.${field} : ("${field}" in ${nulled} or (data.${field} = null and "${field}" in ${changed}) ? null)`;
}

/**
 * A compound name. An update carries only the components that changed, and a part never replaces the whole; a record that was just
 * made or brought back has all of them (Salesforce, Compound Fields in Change Events). An account that is a person has such a name too.
 */
const NAME =
  '$type(data.Name) = "string" ? data.Name : data.Name.FirstName and data.Name.LastName or $contains(type, /[.](?:CREATE|UNDELETE)$/) ? $words(data.Name.FirstName, data.Name.LastName)';

/** The vendor's pages that explain these members. */
export const SALESFORCE_CDC_SOURCES: readonly string[] = [
  "https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_event_fields_body.htm",
];

/** The mappings of the sender's common objects. */
export const SALESFORCE_CDC_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: "$contains(type, /^Contact\\./)",
    externalId: "'salesforce:' & recordId",
    name: NAME,
    version: "time",
    gone: 'operation = "delete"',
    fields: fieldsOf({ email: change("Email"), phone: change("Phone") }),
  },
  {
    object: "company",
    when: "$contains(type, /^Account\\./)",
    externalId: "'salesforce:' & recordId",
    name: NAME,
    version: "time",
    gone: 'operation = "delete"',
    fields: fieldsOf({ phone: change("Phone"), industry: change("Industry") }),
  },
  {
    object: "order",
    when: "$contains(type, /^Order\\./)",
    externalId: "'salesforce:' & recordId",
    // Null where it did not change, in the shape of the Pub/Sub API: that is no empty name.
    name: "data.OrderNumber ? data.OrderNumber",
    version: "time",
    gone: 'operation = "delete"',
    fields: fieldsOf({
      status: change("Status"),
      total: change("TotalAmount"),
      company: `$prefixed('salesforce:', ${change("AccountId")})`,
    }),
  },
  {
    object: "product",
    when: "$contains(type, /^Product2\\./)",
    externalId: "'salesforce:' & recordId",
    name: "data.Name ? data.Name",
    version: "time",
    gone: 'operation = "delete"',
    fields: fieldsOf({
      sku: change("ProductCode"),
      family: change("Family"),
      active: change("IsActive"),
    }),
  },
];
