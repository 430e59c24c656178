import type { Preset, SenderFetch } from "../sender.ts";

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
  readonly fields: readonly (Omit<Preset["fields"][number], "from"> & { readonly property: string })[];
};

function preset(object: Preset["object"], { plural, objectTypeId, name, fields }: Wanted): Preset {
  const merged = named(object, objectTypeId, ["merge"]);
  const properties = new Set([...fields.map(({ property }) => property), ...name]);
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
    fields: fields.map(({ property, ...field }) => {
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
    fields: [
      { key: "email", title: "E-mail", type: "text", property: "email" },
      { key: "first_name", title: "First name", type: "text", property: "firstname" },
      { key: "last_name", title: "Last name", type: "text", property: "lastname" },
      { key: "phone", title: "Phone", type: "text", property: "phone" },
      { key: "city", title: "City", type: "text", property: "city" },
    ],
  }),
  preset("company", {
    plural: "companies",
    objectTypeId: "0-2",
    name: ["name"],
    fields: [
      { key: "legal_name", title: "Name", type: "text", property: "name" },
      { key: "domain", title: "Domain", type: "text", property: "domain" },
      { key: "industry", title: "Industry", type: "text", property: "industry" },
      { key: "city", title: "City", type: "text", property: "city" },
    ],
  }),
  preset("product", {
    plural: "products",
    objectTypeId: "0-7",
    name: ["name"],
    fields: [
      { key: "label", title: "Name", type: "text", property: "name" },
      { key: "sku", title: "SKU", type: "text", property: "hs_sku" },
      { key: "price", title: "Price", type: "decimal", property: "price" },
    ],
  }),
];
