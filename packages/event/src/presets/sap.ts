import type { Preset, SenderFetch } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";
import { instant } from "./instant.ts";
import { memberOrNull } from "./member-or-null.ts";

/** S/4HANA's OData services, asked as a communication user. */
export const SAP_FETCH: SenderFetch = {
  base: "https://YOUR-SYSTEM-api.s4hana.cloud.sap/sap/opu/odata/sap",
  auth: { basic: { user: "{variable:USER}", password: "{variable:PASSWORD}" } },
  notes: [
    "The user is one of a communication arrangement for SAP_COM_0008 (business partners), 0109 (sales orders), 0009 (products) and 0120 (billing documents).",
  ],
};

/** The version of a record whose document says when it was changed; a record that never was changed has its event's time. */
const CHANGED = `data.LastChangeDateTime ? (${instant("data.LastChangeDateTime")}) : time`;

/** A partner's addresses, which the document has as a list, also where there is none. */
const ADDRESSES = "data.to_BusinessPartnerAddress.results";

/** The vendor's pages that explain these members. */
export const SAP_SOURCES: readonly string[] = ["https://api.sap.com/api/API_BUSINESS_PARTNER/overview"];

/** The mappings of the sender's common objects. */
export const SAP_PRESETS: readonly Preset[] = [
  {
    object: "company",
    when: "$contains(type, /\\.BusinessPartner\\.[A-Za-z]+\\.v[0-9]+$/)",
    fetch: {
      url: "/API_BUSINESS_PARTNER/A_BusinessPartner('{{data.BusinessPartner}}')?$format=json&$expand=to_BusinessPartnerAddress/to_EmailAddress,to_BusinessPartnerAddress/to_PhoneNumber",
      document: "d",
    },
    externalId: "'sap:' & (notice ? notice : data).BusinessPartner",
    name: "data.BusinessPartnerFullName",
    // LastChangeDate and LastChangeTime are in a time zone that the document does not tell.
    version: "time",
    gone: 'operation = "delete"',
    fields: fieldsOf({
      number: "data.BusinessPartner",
      kind: 'data.BusinessPartnerCategory ? $lookup({"1": "person", "2": "organization", "3": "group"}, data.BusinessPartnerCategory)',
      email: memberOrNull(ADDRESSES, "[0].to_EmailAddress.results[0].EmailAddress"),
      phone: memberOrNull(ADDRESSES, "[0].to_PhoneNumber.results[0].InternationalPhoneNumber"),
      city: memberOrNull(ADDRESSES, "[0].CityName"),
      country: memberOrNull(ADDRESSES, "[0].Country"),
    }),
  },
  {
    object: "order",
    when: "$contains(type, /\\.SalesOrder\\.[A-Za-z]+\\.v[0-9]+$/)",
    fetch: { url: "/API_SALES_ORDER_SRV/A_SalesOrder('{{data.SalesOrder}}')?$format=json", document: "d" },
    externalId: "'sap:' & (notice ? notice : data).SalesOrder",
    name: "data.SalesOrder",
    version: CHANGED,
    gone: 'operation = "delete"',
    fields: fieldsOf({
      status: "data.OverallSDProcessStatus",
      total: "$toNumber(data.TotalNetAmount)",
      currency: "data.TransactionCurrency",
      company: "$prefixed('sap:', data.SoldToParty)",
    }),
  },
  {
    object: "product",
    when: "$contains(type, /\\.Product\\.[A-Za-z]+\\.v[0-9]+$/)",
    fetch: {
      url: "/API_PRODUCT_SRV/A_Product('{{data.Product}}')?$format=json&$expand=to_Description",
      document: "d",
    },
    externalId: "'sap:' & (notice ? notice : data).Product",
    name: '($text := data.to_Description.results[Language = "EN"][0].ProductDescription; $text ? $text : data.Product)',
    version: CHANGED,
    gone: 'operation = "delete"',
    fields: fieldsOf({
      sku: "data.Product",
      kind: "data.ProductType",
      unit: "data.BaseUnit",
    }),
  },
  {
    object: "invoice",
    when: "$contains(type, /\\.BillingDocument\\.[A-Za-z]+\\.v[0-9]+$/)",
    fetch: {
      url: "/API_BILLING_DOCUMENT_SRV/A_BillingDocument('{{data.BillingDocument}}')?$format=json",
      document: "d",
    },
    externalId: "'sap:' & (notice ? notice : data).BillingDocument",
    name: "data.BillingDocument",
    version: CHANGED,
    gone: 'operation = "delete"',
    fields: fieldsOf({
      total: "$toNumber(data.TotalNetAmount)",
      currency: "data.TransactionCurrency",
      cancelled: "data.BillingDocumentIsCancelled",
      company: "$prefixed('sap:', data.SoldToParty)",
    }),
  },
];
