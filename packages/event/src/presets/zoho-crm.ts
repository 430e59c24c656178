import type { Preset, SenderFetch } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";

/** Zoho CRM's API, asked as a self client. */
export const ZOHO_CRM_FETCH: SenderFetch = {
  base: "https://www.zohoapis.com/crm/v8",
  auth: {
    oauth: {
      token_url: "https://accounts.zoho.com/oauth/v2/token?soid=ZohoCRM.YOUR-ORG-ID",
      client_id: "{variable:CLIENT_ID}",
      client_secret: "{variable:CLIENT_SECRET}",
      scope: "ZohoCRM.modules.READ",
      client_in: "body",
    },
  },
  notes: [
    "The client is a self client, made in Zoho's API console; both hosts end like your data centre's: .com, .eu, .in, .com.au, .jp.",
  ],
};

/** The document, or the values of this one record in the notification. */
const VALUES = "(notice ? data : data.affected_values[record_id = $$.recordId].values)";

function ofModule(name: string): Pick<Preset, "when" | "fetch" | "externalId" | "version" | "gone"> {
  return {
    when: `$contains(type, /^${name}\\.(?:insert|update|delete)$/)`,
    fetch: { url: `/${name}/{{recordId}}`, document: "data[0]" },
    externalId: "'zoho-crm:' & recordId",
    version: "notice ? data.Modified_Time : time",
    gone: 'operation = "delete"',
  };
}

const COMPANY = `($of := ${VALUES}.Account_Name; $of = null ? null : $prefixed('zoho-crm:', $of.id))`;

/** The vendor's pages that explain these members. */
export const ZOHO_CRM_SOURCES: readonly string[] = [
  "https://www.zoho.com/crm/developer/docs/api/v8/modules-fields-details.html",
];

/** The mappings of the sender's common objects. */
export const ZOHO_CRM_PRESETS: readonly Preset[] = [
  {
    ...ofModule("Contacts"),
    object: "contact",
    // A change of one half of a name does not tell the other.
    name: `($of := ${VALUES}; $parts := [$of.First_Name, $of.Last_Name][$ != null]; $of.Full_Name ? $of.Full_Name : ($count($parts) = 2 or $contains(type, /insert$/)) ? $join($parts, " "))`,
    fields: fieldsOf({
      email: `${VALUES}.Email`,
      phone: `${VALUES}.Phone`,
      city: `${VALUES}.Mailing_City`,
      country: `${VALUES}.Mailing_Country`,
    }),
  },
  {
    ...ofModule("Accounts"),
    object: "company",
    name: `${VALUES}.Account_Name`,
    fields: fieldsOf({
      phone: `${VALUES}.Phone`,
      website: `${VALUES}.Website`,
      industry: `${VALUES}.Industry`,
      city: `${VALUES}.Billing_City`,
    }),
  },
  {
    ...ofModule("Products"),
    object: "product",
    name: `${VALUES}.Product_Name`,
    fields: fieldsOf({
      sku: `${VALUES}.Product_Code`,
      price: `${VALUES}.Unit_Price`,
      stock: `${VALUES}.Qty_in_Stock`,
    }),
  },
  {
    ...ofModule("Sales_Orders"),
    object: "order",
    name: `${VALUES}.Subject`,
    fields: fieldsOf({
      status: `${VALUES}.Status`,
      total: `${VALUES}.Grand_Total`,
      company: COMPANY,
    }),
  },
  {
    ...ofModule("Invoices"),
    object: "invoice",
    name: `${VALUES}.Subject`,
    fields: fieldsOf({
      status: `${VALUES}.Status`,
      total: `${VALUES}.Grand_Total`,
      due: `${VALUES}.Due_Date`,
      company: COMPANY,
    }),
  },
];
