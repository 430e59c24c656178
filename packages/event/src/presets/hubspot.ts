import type { Preset, SenderFetch } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";

/** HubSpot's CRM API, asked with the token of a private app. */
export const HUBSPOT_FETCH: SenderFetch = {
  base: "https://api.hubapi.com/crm/v3/objects",
  auth: { bearer: "{variable:ACCESS_TOKEN}" },
  notes: [
    "The token is a private app's, with the scopes that read the objects: crm.objects.contacts.read and the like.",
  ],
};

/**
 * An app's own subscriptions name the object in their type, the generic ones in `objectTypeId`, such as "0-1" (HubSpot
 * changelog, generic webhook subscriptions).
 */
function named(object: string, objectTypeId: string, what: readonly string[]): string {
  const listed = (of: string): string => what.map((each) => `"${of}.${each}"`).join(", ");
  return `(type in [${listed(object)}] or data.objectTypeId = "${objectTypeId}" and type in [${listed("object")}])`;
}

const GONE = ["deletion", "privacyDeletion"] as const;

type Wanted = {
  readonly plural: string;
  readonly objectTypeId: string;
  /** The properties that a record is called by, where it is fetched. */
  readonly name: readonly string[];
  /** Each `from` is the name of a property. */
  readonly fields: Preset["fields"];
};

function preset(object: Preset["object"], { plural, objectTypeId, name, fields }: Wanted): Preset {
  const merged = named(object, objectTypeId, ["merge"]);
  const properties = new Set([...fields.map(({ from }) => from), ...name]);
  const words = name.map((each) => `data.properties.${each}`).join(", ");
  return {
    object,
    when: named(object, objectTypeId, ["creation", "propertyChange", "restore", ...GONE]),
    fetch: { url: `/${plural}/{{data.objectId}}?properties=${[...properties].join(",")}`, optional: true },
    externalId: "'hubspot:' & (notice ? notice : data).objectId",
    // A property's change says nothing of the others, and so it gives no name.
    name: `($name := notice ? $words(${words}); $name ? $name : 'HubSpot ${object} ' & (notice ? notice : data).objectId)`,
    version: "notice ? data.updatedAt : time",
    gone: named(object, objectTypeId, GONE),
    // `recordId` is one of the records that were merged away; where the merge made a new record, the first one is gone as well.
    absorbs: [
      { when: merged, externalId: "'hubspot:' & recordId" },
      {
        when: `${merged} and data.newObjectId != data.primaryObjectId`,
        externalId: "'hubspot:' & data.primaryObjectId",
      },
    ],
    fields: fields.map(({ from: property, ...field }) => {
      const value = `notice ? data.properties.${property} : data.propertyName = "${property}" ? data.propertyValue`;
      return { ...field, from: field.type === "decimal" ? `$toNumber(${value})` : value };
    }),
  };
}

/** The vendor's pages that explain these members. */
export const HUBSPOT_SOURCES: readonly string[] = [
  "https://developers.hubspot.com/docs/api/crm/contacts",
  "https://developers.hubspot.com/docs/api/crm/understanding-the-crm",
];

/** The mappings of the sender's common objects. */
export const HUBSPOT_PRESETS: readonly Preset[] = [
  preset("contact", {
    plural: "contacts",
    objectTypeId: "0-1",
    name: ["firstname", "lastname"],
    fields: fieldsOf({
      email: "email",
      first_name: "firstname",
      last_name: "lastname",
      phone: "phone",
      city: "city",
    }),
  }),
  preset("company", {
    plural: "companies",
    objectTypeId: "0-2",
    name: ["name"],
    fields: fieldsOf({
      legal_name: "name",
      domain: "domain",
      industry: "industry",
      city: "city",
    }),
  }),
  preset("product", {
    plural: "products",
    objectTypeId: "0-7",
    name: ["name"],
    fields: fieldsOf({
      label: "name",
      sku: "hs_sku",
      price: "price",
    }),
  }),
];
