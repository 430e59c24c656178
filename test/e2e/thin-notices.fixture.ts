import type { Json } from "@sluice/event";

/* Events that name records and carry no values, as their senders write them. */

const COMPANY = "b18aed47-c385-49d2-b954-dbdf8ad71780";

export function notification(
  entity: string,
  id: string,
  changeType = "updated",
  at = "2026-11-05T11:59:27.057Z",
): Json {
  return {
    subscriptionId: "sluice",
    clientState: "",
    expirationDateTime: "2026-11-08T12:00:00Z",
    resource: `api/v2.0/companies(${COMPANY})/${entity}${changeType === "collection" ? "" : `(${id})`}`,
    changeType,
    lastModifiedDateTime: at,
  };
}

export const sapEvent = (object: string, key: string, what = "Changed"): Json => ({
  type: `sap.s4.beh.${object.toLowerCase()}.v1.${object}.${what}.v1`,
  specversion: "1.0",
  source: "/default/sap.s4.beh/244572008",
  id: `63d6a150-${key}-${what}`,
  time: "2026-11-05T11:59:57Z",
  datacontenttype: "application/json",
  data: { [object]: key },
});

export const xeroEvent = (eventCategory: string, resourceId: string): Json => ({
  resourceUrl: `https://api.xero.com/api.xro/2.0/${resourceId}`,
  resourceId,
  eventDateUtc: "2026-11-05T11:59:57.123",
  eventType: "UPDATE",
  eventCategory,
  tenantId: "c2cc9b6e-9458-4c7d-93cc-f02b81b0594f",
  tenantType: "ORGANISATION",
});

export const quickbooksEvent = (type: string, intuitentityid: string, time = "2026-11-05T11:59:57Z"): Json => ({
  specversion: "1.0",
  id: `${type}-${intuitentityid}-${time}`,
  source: "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
  type,
  datacontenttype: "application/json",
  time,
  intuitentityid,
  intuitaccountid: "310687",
  data: {},
});

export const zohoNotice = (module: string, ids: string[], operation: string, values: object[] | null): Json =>
  ({
    server_time: Date.parse("2026-11-05T11:59:58.473Z"),
    ...(values === null
      ? {}
      : { affected_values: values.map((each, index) => ({ record_id: ids[index]!, values: each })) }),
    query_params: {},
    module,
    resource_uri: `https://www.zohoapis.com/crm/v8/${module}`,
    ids,
    operation,
    channel_id: "1000000068001",
    token: "",
  }) as Json;

export const CUSTOMER = "130bbd17-dbb9-4790-9b12-2b0e9c9d22c3";
export const CONTACT = "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777";

/** One notice of each document that is fetched. */
export const NOTICES: readonly (readonly [source: string, scheme: string, body: Json])[] = [
  ["bc", "business-central", { value: [notification("customers", CUSTOMER)] }],
  ["bc", "business-central", { value: [notification("items", "5d115c9c-44e3-ea11-bb43-000d3a2feca1")] }],
  ["bc", "business-central", { value: [notification("salesOrders", "5d115c9c-44e3-ea11-bb43-000d3a2feca2")] }],
  ["bc", "business-central", { value: [notification("salesInvoices", "5d115c9c-44e3-ea11-bb43-000d3a2feca3")] }],
  ["sap", "sap-event-mesh", sapEvent("BusinessPartner", "1000667")],
  ["sap", "sap-event-mesh", sapEvent("SalesOrder", "4800")],
  ["sap", "sap-event-mesh", sapEvent("Product", "TG11")],
  ["sap", "sap-event-mesh", sapEvent("BillingDocument", "90000000")],
  ["xero", "xero", { events: [xeroEvent("CONTACT", CONTACT)] }],
  ["xero", "xero", { events: [xeroEvent("INVOICE", "243216c5-369e-4056-ac67-05388f86dc81")] }],
  ["qb", "quickbooks", [quickbooksEvent("qbo.customer.updated.v1", "1234")]],
  ["qb", "quickbooks", [quickbooksEvent("qbo.invoice.updated.v1", "130")]],
  ["zoho", "zoho-crm", zohoNotice("Contacts", ["5725767000003000010"], "update", null)],
  ["zoho", "zoho-crm", zohoNotice("Invoices", ["5725767000003000012"], "update", null)],
];
