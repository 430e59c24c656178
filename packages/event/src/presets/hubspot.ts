import type { Preset } from "../sender.ts";

/** What its common objects become. */
export const HUBSPOT_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: 'type in ["contact.creation", "contact.propertyChange", "contact.deletion", "contact.privacyDeletion"]',
    externalId: "data.objectId ? 'hubspot:' & $string(data.objectId)",
    name: "'HubSpot contact ' & $string(data.objectId)",
    version: "time",
    gone: 'type in ["contact.deletion", "contact.privacyDeletion"]',
    fields: [
      { key: "email", title: "E-mail", type: "text", from: 'data.propertyName = "email" ? data.propertyValue' },
      {
        key: "first_name",
        title: "First name",
        type: "text",
        from: 'data.propertyName = "firstname" ? data.propertyValue',
      },
      {
        key: "last_name",
        title: "Last name",
        type: "text",
        from: 'data.propertyName = "lastname" ? data.propertyValue',
      },
      { key: "phone", title: "Phone", type: "text", from: 'data.propertyName = "phone" ? data.propertyValue' },
      { key: "city", title: "City", type: "text", from: 'data.propertyName = "city" ? data.propertyValue' },
    ],
  },
  {
    object: "company",
    when: 'type in ["company.creation", "company.propertyChange", "company.deletion"]',
    externalId: "data.objectId ? 'hubspot:' & $string(data.objectId)",
    name: "'HubSpot company ' & $string(data.objectId)",
    version: "time",
    gone: 'type = "company.deletion"',
    fields: [
      { key: "legal_name", title: "Name", type: "text", from: 'data.propertyName = "name" ? data.propertyValue' },
      { key: "domain", title: "Domain", type: "text", from: 'data.propertyName = "domain" ? data.propertyValue' },
      { key: "industry", title: "Industry", type: "text", from: 'data.propertyName = "industry" ? data.propertyValue' },
      { key: "city", title: "City", type: "text", from: 'data.propertyName = "city" ? data.propertyValue' },
    ],
  },
  {
    object: "product",
    when: 'type in ["product.creation", "product.propertyChange", "product.deletion"]',
    externalId: "data.objectId ? 'hubspot:' & $string(data.objectId)",
    name: "'HubSpot product ' & $string(data.objectId)",
    version: "time",
    gone: 'type = "product.deletion"',
    fields: [
      { key: "label", title: "Name", type: "text", from: 'data.propertyName = "name" ? data.propertyValue' },
      { key: "sku", title: "SKU", type: "text", from: 'data.propertyName = "hs_sku" ? data.propertyValue' },
      {
        key: "price",
        title: "Price",
        type: "decimal",
        from: 'data.propertyName = "price" ? (data.propertyValue = "" ? null : $number(data.propertyValue))',
      },
    ],
  },
];
