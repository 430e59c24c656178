import type { Preset, SenderFetch } from "../sender.ts";
import { instant } from "./instant.ts";

/** Xero's accounting API, asked as a custom connection: other apps have tokens of half an hour that people renew. */
export const XERO_FETCH: SenderFetch = {
  base: "https://api.xero.com/api.xro/2.0",
  auth: {
    oauth: {
      token_url: "https://identity.xero.com/connect/token",
      client_id: "{variable:CLIENT_ID}",
      client_secret: "{variable:CLIENT_SECRET}",
      scope: "accounting.contacts.read accounting.transactions.read",
    },
  },
  notes: [
    "The client is a custom connection, made for one organisation under My Apps, with the scopes that it has there.",
    "Xero allows 60 requests a minute, which is what a source has unless `requests_per_minute` says otherwise.",
  ],
};

const VERSION = `notice ? (${instant("data.UpdatedDateUTC")}) : time`;

/** The vendor's pages that explain these members. */
export const XERO_SOURCES: readonly string[] = [
  "https://developer.xero.com/documentation/api/accounting/contacts",
  "https://developer.xero.com/documentation/api/accounting/invoices",
];

/** The mappings of the sender's common objects. */
export const XERO_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    omitsEmpty: true,
    when: 'type in ["CONTACT.CREATE", "CONTACT.UPDATE"]',
    fetch: { url: "/Contacts/{{data.resourceId}}", document: "Contacts[0]" },
    externalId: "'xero:' & (notice ? notice : data).resourceId",
    name: "data.Name",
    version: VERSION,
    fields: [
      { key: "email", title: "E-mail", type: "text", from: "data.EmailAddress" },
      {
        key: "phone",
        title: "Phone",
        type: "text",
        from: 'data.Phones[PhoneType = "DEFAULT"].$trim($join([PhoneCountryCode, PhoneAreaCode, PhoneNumber][$ != null], " "))',
      },
      { key: "city", title: "City", type: "text", from: 'data.Addresses[AddressType = "STREET"].City' },
      { key: "country", title: "Country", type: "text", from: 'data.Addresses[AddressType = "STREET"].Country' },
      { key: "status", title: "Status", type: "text", from: "data.ContactStatus" },
    ],
  },
  {
    object: "invoice",
    omitsEmpty: true,
    when: 'type in ["INVOICE.CREATE", "INVOICE.UPDATE"]',
    fetch: { url: "/Invoices/{{data.resourceId}}", document: "Invoices[0]" },
    externalId: "'xero:' & (notice ? notice : data).resourceId",
    name: "data.InvoiceNumber ? data.InvoiceNumber : data.InvoiceID",
    version: VERSION,
    fields: [
      { key: "status", title: "Status", type: "text", from: "data.Status" },
      { key: "total", title: "Total", type: "decimal", from: "data.Total" },
      { key: "open", title: "Open", type: "decimal", from: "data.AmountDue" },
      { key: "currency", title: "Currency", type: "text", from: "data.CurrencyCode" },
      {
        key: "due",
        title: "Due",
        type: "date",
        from: "data.DueDateString",
      },
      {
        key: "contact",
        title: "Contact",
        type: "text",
        from: "$prefixed('xero:', data.Contact.ContactID)",
      },
    ],
  },
];
