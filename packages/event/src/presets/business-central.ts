import type { Preset, SenderFetch } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";

/** Business Central's API, asked as an application of Microsoft Entra that it knows. */
export const BUSINESS_CENTRAL_FETCH: SenderFetch = {
  base: "https://api.businesscentral.dynamics.com/v2.0/YOUR-TENANT/YOUR-ENVIRONMENT/api/v2.0",
  auth: {
    oauth: {
      token_url: "https://login.microsoftonline.com/YOUR-TENANT/oauth2/v2.0/token",
      client_id: "{variable:CLIENT_ID}",
      client_secret: "{variable:CLIENT_SECRET}",
      scope: "https://api.businesscentral.dynamics.com/.default",
    },
  },
  notes: [
    "YOUR-TENANT is the directory's id, YOUR-ENVIRONMENT such as Production; the application needs the permission set of a user who may read.",
  ],
};

/** The document of an entity: a notification's `resource` ends in `companies(ID)/customers(ID)`. */
function document(entity: string): NonNullable<Preset["fetch"]> {
  const id = (of: string): string => `{{$match(data.resource, /${of}\\(([0-9A-Fa-f-]+)\\)/)[0].groups[0]}}`;
  return { url: `/companies(${id("companies")})/${entity}(${id(entity)})` };
}

/** Whether a notification names a record of the entity: one of type `collection` stands for a filter and names none. */
function named(entity: string): string {
  return `type in ["created", "updated", "deleted"] and $contains(data.resource, /\\/${entity}\\([0-9A-Fa-f-]+\\)$/)`;
}

const SHARED = {
  externalId: "'business-central:' & $match((notice ? notice : data).resource, /\\(([0-9A-Fa-f-]+)\\)$/)[0].groups[0]",
  version: "notice ? data.lastModifiedDateTime : time",
  gone: 'type = "deleted"',
};

/** The vendor's pages that explain these members. */
export const BUSINESS_CENTRAL_SOURCES: readonly string[] = [
  "https://learn.microsoft.com/en-us/dynamics365/business-central/dev-itpro/api-reference/v2.0/",
];

/** The mappings of the sender's common objects. */
export const BUSINESS_CENTRAL_PRESETS: readonly Preset[] = [
  {
    ...SHARED,
    object: "company",
    when: named("customers"),
    fetch: document("customers"),
    name: "data.displayName",
    fields: fieldsOf({
      number: "data.number",
      email: "data.email",
      phone: "data.phoneNumber",
      city: "data.city",
      country: "data.country",
    }),
  },
  {
    ...SHARED,
    object: "product",
    when: named("items"),
    fetch: document("items"),
    name: "data.displayName",
    fields: fieldsOf({
      sku: "data.number",
      price: "data.unitPrice",
      stock: "data.inventory",
    }),
  },
  {
    ...SHARED,
    object: "order",
    when: named("salesOrders"),
    fetch: document("salesOrders"),
    name: "data.number",
    fields: fieldsOf({
      status: "data.status",
      total: "data.totalAmountIncludingTax",
      currency: "data.currencyCode",
      company: "$prefixed('business-central:', data.customerId)",
    }),
  },
  {
    ...SHARED,
    object: "invoice",
    when: named("salesInvoices"),
    fetch: document("salesInvoices"),
    name: "data.number",
    fields: fieldsOf({
      status: "data.status",
      total: "data.totalAmountIncludingTax",
      currency: "data.currencyCode",
      company: "$prefixed('business-central:', data.customerId)",
    }),
  },
];
