import type { Preset, SenderFetch } from "../sender.ts";

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
    fields: [
      { key: "email", title: "E-mail", type: "text", from: `${VALUES}.Email` },
      { key: "phone", title: "Phone", type: "text", from: `${VALUES}.Phone` },
      { key: "city", title: "City", type: "text", from: `${VALUES}.Mailing_City` },
      { key: "country", title: "Country", type: "text", from: `${VALUES}.Mailing_Country` },
    ],
  },
  {
    ...ofModule("Accounts"),
    object: "company",
    name: `${VALUES}.Account_Name`,
    fields: [
      { key: "phone", title: "Phone", type: "text", from: `${VALUES}.Phone` },
      { key: "website", title: "Website", type: "text", from: `${VALUES}.Website` },
      { key: "industry", title: "Industry", type: "text", from: `${VALUES}.Industry` },
      { key: "city", title: "City", type: "text", from: `${VALUES}.Billing_City` },
    ],
  },
  {
    ...ofModule("Products"),
    object: "product",
    name: `${VALUES}.Product_Name`,
    fields: [
      { key: "sku", title: "SKU", type: "text", from: `${VALUES}.Product_Code` },
      { key: "price", title: "Price", type: "decimal", from: `${VALUES}.Unit_Price` },
      { key: "stock", title: "Stock", type: "decimal", from: `${VALUES}.Qty_in_Stock` },
    ],
  },
  {
    ...ofModule("Sales_Orders"),
    object: "order",
    name: `${VALUES}.Subject`,
    fields: [
      { key: "status", title: "Status", type: "text", from: `${VALUES}.Status` },
      { key: "total", title: "Total", type: "decimal", from: `${VALUES}.Grand_Total` },
      { key: "company", title: "Company", type: "text", from: COMPANY },
    ],
  },
  {
    ...ofModule("Invoices"),
    object: "invoice",
    name: `${VALUES}.Subject`,
    fields: [
      { key: "status", title: "Status", type: "text", from: `${VALUES}.Status` },
      { key: "total", title: "Total", type: "decimal", from: `${VALUES}.Grand_Total` },
      { key: "due", title: "Due", type: "date", from: `${VALUES}.Due_Date` },
      { key: "company", title: "Company", type: "text", from: COMPANY },
    ],
  },
];
