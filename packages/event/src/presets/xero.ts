import type { Preset, SenderFetch } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";
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
    fields: fieldsOf({
      email: "data.EmailAddress",
      phone:
        'data.Phones[PhoneType = "DEFAULT"].$trim($join([PhoneCountryCode, PhoneAreaCode, PhoneNumber][$ != null], " "))',
      city: 'data.Addresses[AddressType = "STREET"].City',
      country: 'data.Addresses[AddressType = "STREET"].Country',
      status: "data.ContactStatus",
    }),
  },
  {
    object: "invoice",
    omitsEmpty: true,
    when: 'type in ["INVOICE.CREATE", "INVOICE.UPDATE"]',
    fetch: { url: "/Invoices/{{data.resourceId}}", document: "Invoices[0]" },
    externalId: "'xero:' & (notice ? notice : data).resourceId",
    name: "data.InvoiceNumber ? data.InvoiceNumber : data.InvoiceID",
    version: VERSION,
    fields: fieldsOf({
      status: "data.Status",
      total: "data.Total",
      open: "data.AmountDue",
      currency: "data.CurrencyCode",
      due: "data.DueDateString",
      contact: "$prefixed('xero:', data.Contact.ContactID)",
    }),
  },
];
