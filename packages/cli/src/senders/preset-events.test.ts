import { findSender, type Json } from "@sluice/event";
import { expect, test } from "vitest";
import { AT, mapped, mappingsOf, NAME, shown } from "./preset.fixture.ts";

const META = { action: "delete", entity: "person", entity_id: "178", id: "m-1", timestamp: `${AT}7.426Z` };
const DELETIONS: readonly [name: string, headers: Readonly<Record<string, string>>, body: Json, deleted: string[]][] = [
  [
    "shopify",
    { "x-shopify-topic": "customers/delete", "x-shopify-triggered-at": `${AT}7Z` },
    { id: 7 },
    ["contact", "shopify:7", `${AT}7.000Z`],
  ],
  // WooCommerce's deletions say no time: they count as newest when they come.
  [
    "woocommerce",
    { "x-wc-webhook-topic": "order.deleted", "x-wc-webhook-event": "deleted", "x-wc-webhook-delivery-id": "d-1" },
    { id: 727 },
    ["order", "woocommerce:727", "undefined"],
  ],
  [
    "stripe",
    {},
    { id: "evt_1", type: "customer.deleted", created: 1793879997, data: { object: { id: "cus_9" } } },
    ["contact", "stripe:cus_9", `${AT}7.000Z`],
  ],
  ["pipedrive", {}, { data: null, previous: { id: 178 }, meta: META }, ["contact", "pipedrive:178", `${AT}7.426Z`]],
  [
    "netsuite",
    {},
    { event_id: "e", record_type: "salesorder", op: "delete", id: "5", last_modified: `${AT}7Z`, fields: {} },
    ["order", "netsuite:5", `${AT}7.000Z`],
  ],
  [
    "dataverse",
    {},
    {
      MessageName: "Delete",
      OperationId: "o",
      OperationCreatedOn: "/Date(1793879997000)/",
      PrimaryEntityId: "p-1",
      PrimaryEntityName: "product",
      InputParameters: [{ key: "Target", value: { Id: "p-1", LogicalName: "product" } }],
    },
    ["product", "dataverse:p-1", `${AT}7.000Z`],
  ],
  [
    "hubspot-v3",
    {},
    [{ eventId: 1, subscriptionType: "product.deletion", objectId: 5, occurredAt: 1793879997000 }],
    ["product", "hubspot:5", `${AT}7.000Z`],
  ],
  [
    "sap-event-mesh",
    {},
    {
      specversion: "1.0",
      id: "1",
      source: "/s",
      type: "sap.s4.beh.product.v1.Product.Deleted.v1",
      time: `${AT}7Z`,
      data: { Product: "TG11" },
    },
    ["product", "sap:TG11", `${AT}7.000Z`],
  ],
];
test.each(DELETIONS)("a deletion at %s is one of the record", async (name, headers, body, deleted) => {
  const sender = findSender(name)!;
  const sent = { ...sender, sample: { ...sender.sample, headers: { ...sender.sample.headers, ...headers } } };
  const [event, ...others] = await mapped(sent, mappingsOf(sender), body);
  expect(event!.faults).toEqual([]);
  expect([event!.changes.map(shown), others]).toEqual([[[...deleted, "deleted"]], []]);
});

const dataverse = (entity: string, Attributes: { key: string; value: Json }[]): Json => ({
  MessageName: "Update",
  OperationId: "o",
  OperationCreatedOn: "/Date(1793879997000)/",
  PrimaryEntityId: "r-1",
  PrimaryEntityName: entity,
  InputParameters: [{ key: "Target", value: { Attributes } }],
});
const money = "Money:http://schemas.microsoft.com/xrm/2011/Contracts";
const cdc = (entityName: string, fields: object): Json => {
  const header = {
    entityName,
    recordIds: ["801"],
    changeType: "UPDATE",
    commitTimestamp: 1793879997412,
    nulledFields: ["Status"],
  };
  return { detail: { id: "e", payload: { ChangeEventHeader: header, ...fields } } };
};
const OTHERS: readonly [name: string, object: string, body: Json, expected: readonly [string, string, object]][] = [
  [
    "netsuite",
    "order",
    {
      event_id: "e",
      record_type: "salesorder",
      op: "edit",
      id: "5",
      last_modified: `${AT}7Z`,
      fields: { tranid: "SO-5", status: "Pending Fulfillment", total: 12.5, entity: "7" },
    },
    [
      "netsuite:5",
      `${AT}7.000Z`,
      { [NAME]: "SO-5", status: "Pending Fulfillment", total: 12.5, company: "netsuite:7" },
    ],
  ],
  [
    "netsuite",
    "product",
    {
      event_id: "e",
      record_type: "inventoryitem",
      op: "edit",
      id: "6",
      last_modified: `${AT}7Z`,
      fields: { itemid: "P-6", displayname: "" },
    },
    ["netsuite:6", `${AT}7.000Z`, { [NAME]: "P-6", sku: "P-6" }],
  ],
  [
    "odoo",
    "invoice",
    {
      _model: "account.move",
      _id: 3,
      _action: "a",
      write_date: "2026-11-05 11:59:57",
      name: "INV/2026/0003",
      state: "posted",
      amount_total: 10,
      amount_residual: 4,
      invoice_date_due: "2026-12-01",
      partner_id: 14,
    },
    [
      "odoo:3",
      `${AT}7.000Z`,
      { [NAME]: "INV/2026/0003", status: "posted", total: 10, open: 4, due: "2026-12-01", contact: "odoo:14" },
    ],
  ],
  [
    "dataverse",
    "order",
    dataverse("salesorder", [
      { key: "name", value: "SO 1" },
      { key: "totalamount", value: { __type: money, Value: 7.5 } },
    ]),
    ["dataverse:r-1", `${AT}7.000Z`, { [NAME]: "SO 1", total: 7.5 }],
  ],
  [
    "pipedrive",
    "product",
    {
      data: { id: 1, name: "Pump", code: "P-1", unit: "kg", prices: [{ currency: "EUR", price: 3 }] },
      meta: { action: "change", entity: "product", entity_id: "1", id: "m", timestamp: `${AT}7Z` },
    },
    ["pipedrive:1", `${AT}7.000Z`, { [NAME]: "Pump", sku: "P-1", unit: "kg", price: 3 }],
  ],
  [
    "hubspot-v3",
    "product",
    [
      {
        eventId: 1,
        subscriptionType: "product.propertyChange",
        objectId: 5,
        occurredAt: 1793879997000,
        propertyName: "price",
        propertyValue: "9.90",
      },
    ],
    ["hubspot:5", `${AT}7.000Z`, { [NAME]: "HubSpot product 5", price: 9.9 }],
  ],
  [
    "salesforce-cdc",
    "order",
    cdc("Order", { OrderNumber: "00000101", TotalAmount: 5 }),
    ["salesforce:801", `${AT}7.412Z`, { [NAME]: "00000101", status: null, total: 5 }],
  ],
  [
    "salesforce-cdc",
    "product",
    cdc("Product2", { ProductCode: "P-1", IsActive: false }),
    ["salesforce:801", `${AT}7.412Z`, { sku: "P-1", active: false }],
  ],
];
test.each(OTHERS)("the preset of %s knows a %s", async (name, object, body, expected) => {
  const sender = findSender(name)!;
  const [event] = await mapped(sender, mappingsOf(sender), body);
  expect(event!.faults).toEqual([]);
  expect(event!.changes.map(shown)).toEqual([[object, ...expected]]);
});

test.each([
  ["eur", 1234, 12.34],
  ["jpy", 1234, 1234],
  ["kwd", 1234, 1.234],
])("Stripe's amounts are in the smallest unit of %s", async (currency, total, expected) => {
  const object = { id: "in_1", object: "invoice", number: "A-1", status: "open", total, currency };
  const body = { id: "evt_1", type: "invoice.paid", created: 1793879997, data: { object } };
  const sender = findSender("stripe")!;
  const [event] = await mapped(sender, mappingsOf(sender), body);
  expect(event!.changes.map(shown)).toEqual([
    ["invoice", "stripe:in_1", `${AT}7.000Z`, { [NAME]: "A-1", status: "open", total: expected, currency }],
  ]);
});

test("of records that QuickBooks merged the one that stays is fetched, and the one that went is deleted", async () => {
  const sender = findSender("quickbooks")!;
  const [sample] = sender.sample.body as [object];
  const now = { ...sample, type: "qbo.customer.merged.v1", data: { deletedid: "99" } };
  const entities = [
    { name: "Customer", id: "1234", operation: "Merge", lastUpdated: "2026-11-05T11:59:57.000Z", deletedId: "99" },
  ];
  const before = { eventNotifications: [{ realmId: "310687", dataChangeEvent: { entities } }] };
  for (const body of [[now], before] as Json[]) {
    const [event] = await mapped(sender, mappingsOf(sender), body);
    expect(event!.faults).toEqual([]);
    const [deleted, asked, ...more] = event!.changes;
    expect(shown(deleted!)).toEqual(["company", "quickbooks:310687:99", `${AT}7.000Z`, "deleted"]);
    expect(asked!.key.value).toBe("https://api.example.com/310687/customer/1234?minorversion=75");
    expect(more).toEqual([]);
  }
});

test("what Odoo writes as false is empty", async () => {
  const sender = findSender("odoo")!;
  const body = { ...(sender.sample.body as object), email: false };
  const [mappedEvent] = await mapped(sender, mappingsOf(sender), body);
  expect(mappedEvent!.changes.map(shown)).toEqual([
    ["contact", "odoo:14", `${AT}7.482Z`, { [NAME]: "Ada Byron", email: null }],
  ]);
});
