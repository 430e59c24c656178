import { findSender, type Json } from "@sluice/event";
import { expect, test } from "vitest";
import { mapped, mappingsOf, NAME, shown } from "./preset.fixture.ts";

/*
 * How senders behave in the field, each as a request of theirs and its meaning: facts of public threads and of the vendors' pages,
 * which the senders' own files name.
 */

async function changesOf(name: string, body: Json, fetched = false): Promise<readonly Json[]> {
  const sender = findSender(name)!;
  const events = await mapped(sender, mappingsOf(sender, fetched), body);
  expect(events.flatMap(({ faults }) => faults)).toEqual([]);
  return events.flatMap(({ changes }) => changes.map((change) => shown(change) as Json));
}

const AT_MS = 1_793_879_997_412;
const AT = "2026-11-05T11:59:57.412Z";
const TRIGGERED = "2026-11-05T11:59:58.812";

const cdc = (changeType: string, header: object, fields: object, entityName = "Contact"): Json => ({
  detail: {
    id: `e-${changeType}`,
    payload: {
      ChangeEventHeader: { entityName, recordIds: ["003"], changeType, commitTimestamp: AT_MS, ...header },
      ...fields,
    },
  },
});

test.each<[string, Json, Json]>([
  [
    "a new contact has its whole name",
    cdc("CREATE", {}, { Name: { FirstName: "Ines", LastName: "Moss" } }),
    { [NAME]: "Ines Moss" },
  ],
  [
    "an update of one half of a name leaves the name alone",
    cdc("UPDATE", { changedFields: ["Name.LastName"] }, { Name: { LastName: "Moss-Hill" } }),
    {},
  ],
  [
    "so it does where the other half is null because it did not change",
    cdc("UPDATE", { changedFields: ["Name.LastName"] }, { Name: { FirstName: null, LastName: "Moss-Hill" } }),
    {},
  ],
  [
    "an update of both halves is the name",
    cdc("UPDATE", {}, { Name: { FirstName: "Inez", LastName: "Moss-Hill" } }),
    { [NAME]: "Inez Moss-Hill" },
  ],
  [
    "in the Pub/Sub shape what did not change is null, and stays",
    cdc(
      "UPDATE",
      { nulledFields: [], changedFields: ["Industry"] },
      { Name: null, Phone: null, Industry: "x" },
      "Account",
    ),
    { industry: "x" },
  ],
  [
    "what `nulledFields` names is cleared",
    cdc("UPDATE", { nulledFields: ["Phone"], changedFields: ["Phone"] }, { Phone: null }),
    { phone: null },
  ],
  ["so is what is not there at all", cdc("UPDATE", { nulledFields: ["Phone"] }, {}), { phone: null }],
  [
    "in the event relay's shape a null counts of a field that changed",
    cdc("UPDATE", { changedFields: ["Phone"] }, { Phone: null, Email: null }),
    { phone: null },
  ],
  [
    "an account that is a person has a name too",
    cdc("CREATE", {}, { Name: { FirstName: "Ines", LastName: "Moss" }, Phone: "1" }, "Account"),
    { [NAME]: "Ines Moss", phone: "1" },
  ],
  [
    "a reference that was cleared is cleared",
    cdc("UPDATE", { nulledFields: ["AccountId"] }, { AccountId: null }, "Order"),
    { company: null },
  ],
])("Salesforce CDC: %s", async (_, body, fields) => {
  const changes = await changesOf("salesforce-cdc", body);
  expect(changes).toEqual([[expect.any(String) as string, "salesforce:003", AT, fields]]);
});

test("Salesforce CDC: a commit number that went down after the organisation moved orders nothing", async () => {
  const [before] = await changesOf("salesforce-cdc", cdc("UPDATE", { commitNumber: 900 }, { Phone: "1" }));
  const later = { commitNumber: 5, commitTimestamp: AT_MS + 1 };
  const [after] = await changesOf("salesforce-cdc", cdc("UPDATE", later, { Phone: "2" }));
  expect([before, after]).toMatchObject([{ 2: AT }, { 2: "2026-11-05T11:59:57.413Z" }]);
});

const hub = (subscriptionType: string, more: object): Json => [
  { eventId: 1, subscriptionId: 2, portalId: 3, occurredAt: AT_MS, subscriptionType, objectId: 7, ...more },
];

test.each<[string, Json, readonly Json[]]>([
  [
    "object.creation",
    hub("object.creation", { objectTypeId: "0-1" }),
    [["contact", "hubspot:7", AT, { [NAME]: "HubSpot contact 7" }]],
  ],
  [
    "object.propertyChange",
    hub("object.propertyChange", { objectTypeId: "0-1", propertyName: "email", propertyValue: "a@b.c" }),
    [["contact", "hubspot:7", AT, { [NAME]: "HubSpot contact 7", email: "a@b.c" }]],
  ],
  ["object.deletion", hub("object.deletion", { objectTypeId: "0-1" }), [["contact", "hubspot:7", AT, "deleted"]]],
  [
    "object.deletion of a company",
    hub("object.deletion", { objectTypeId: "0-2" }),
    [["company", "hubspot:7", AT, "deleted"]],
  ],
  [
    "a property that was emptied",
    hub("product.propertyChange", { propertyName: "price", propertyValue: "" }),
    [["product", "hubspot:7", AT, { [NAME]: "HubSpot product 7", price: null }]],
  ],
  [
    "a text that was emptied",
    hub("contact.propertyChange", { propertyName: "phone", propertyValue: "" }),
    [["contact", "hubspot:7", AT, { [NAME]: "HubSpot contact 7", phone: null }]],
  ],
  [
    "contact.restore, without a fetch",
    hub("contact.restore", {}),
    [["contact", "hubspot:7", AT, { [NAME]: "HubSpot contact 7" }]],
  ],
  [
    "contact.merge into one of them",
    hub("contact.merge", { objectId: undefined, primaryObjectId: 7, mergedObjectIds: [8, 9], newObjectId: 7 }),
    [
      ["contact", "hubspot:8", AT, "deleted"],
      ["contact", "hubspot:9", AT, "deleted"],
    ],
  ],
  [
    "object.merge into a new one",
    hub("object.merge", { objectTypeId: "0-1", primaryObjectId: 7, mergedObjectIds: [8], newObjectId: 10 }),
    [
      ["contact", "hubspot:8", AT, "deleted"],
      ["contact", "hubspot:7", AT, "deleted"],
    ],
  ],
])("HubSpot: %s", async (_, body, changes) => {
  expect(await changesOf("hubspot-v3", body)).toEqual(changes);
});

test("HubSpot: a record that is restored is fetched, where the source has a fetch", async () => {
  const [[object, url]] = (await changesOf("hubspot-v3", hub("contact.restore", {}), true)) as [[string, string]];
  expect([object, url]).toEqual([
    "sources.it.records[0].fetch",
    "https://api.example.com/contacts/7?properties=email,firstname,lastname,phone,city",
  ]);
});

const stripe = (object: Readonly<Record<string, Json>>): Json => ({
  id: "evt_1",
  type: "invoice.paid",
  created: 1793879997,
  data: { object },
});

test.each([
  ["ugx", 500_000, 5000],
  ["isk", 500, 5],
  ["huf", 1000, 10],
  ["twd", 1000, 10],
  ["jpy", 500, 500],
  ["mga", 500, 500],
  ["tnd", 5000, 5],
])("Stripe: %s %i is %d", async (currency, total, amount) => {
  const changes = await changesOf("stripe", stripe({ id: "in_1", object: "invoice", total, currency }));
  expect(changes).toMatchObject([{ 3: { total: amount } }]);
});

test("Stripe: what is null is cleared, a reference too", async () => {
  const object = { id: "in_1", object: "invoice", number: null, status: null, total: null, currency: "eur" };
  expect(await changesOf("stripe", stripe({ ...object, customer: null }))).toEqual([
    [
      "invoice",
      "stripe:in_1",
      "2026-11-05T11:59:57.000Z",
      { [NAME]: "in_1", status: null, total: null, currency: "eur", contact: null },
    ],
  ]);
});

test("Zoho: each of several ids has its own values, wherever they stand", async () => {
  const body = {
    ids: ["1", "2", "3"],
    module: "Accounts",
    operation: "update",
    server_time: AT_MS,
    affected_values: [{ record_id: "1" }, { record_id: "2", values: { Phone: "5", Website: null, Industry: "" } }],
  };
  expect(await changesOf("zoho-crm", body)).toEqual([
    ["company", "zoho-crm:2", AT, { phone: "5", website: null, industry: null }],
  ]);
});

test.each<[string, Json, object]>([
  [
    "Odoo: an address without a name is called by its key",
    { _model: "res.partner", _id: 14, write_date: "2026-11-05 11:59:57", name: false, email: false },
    { [NAME]: "odoo:14", email: null },
  ],
  [
    "Odoo: of what is not selected nothing is told",
    { _model: "res.partner", _id: 14, write_date: "2026-11-05 11:59:57" },
    {},
  ],
  [
    "Odoo: a date that can't be read costs the field",
    { _model: "account.move", _id: 3, write_date: "2026-11-05 11:59:57", name: "I-3", invoice_date_due: "11/5/2026" },
    { [NAME]: "I-3" },
  ],
])("%s", async (_, body, fields) => {
  const [[, , , set]] = (await changesOf("odoo", body)) as [Json[]];
  expect(set).toEqual(fields);
});

test("NetSuite: a customer who is a person is called by both names", async () => {
  const fields = { companyname: "", firstname: "Ada", lastname: "Byron", entityid: "7 Ada Byron" };
  const body = { event_id: "e", record_type: "customer", op: "edit", id: "7", last_modified: AT, fields };
  expect(await changesOf("netsuite", body)).toMatchObject([{ 3: { [NAME]: "Ada Byron" } }]);
});

test("WooCommerce: a guest's order has no contact, and an emptied price is cleared", async () => {
  const body = { id: 9100, number: "9100", date_modified_gmt: "2026-11-05T11:59:57", total: "", customer_id: 0 };
  expect(await changesOf("woocommerce", body)).toMatchObject([{ 3: { total: null, contact: null } }]);
});

test.each<[string, Json]>([
  ["orders/paid", ["order", "shopify:7", `${TRIGGERED}Z`, { status: "paid" }]],
  ["orders/cancelled", ["order", "shopify:7", `${TRIGGERED}Z`, { status: "paid" }]],
  ["customers/redact", ["contact", "shopify:9", `${TRIGGERED}Z`, "deleted"]],
])("Shopify: %s means something too", async (topic, change) => {
  const sender = findSender("shopify")!;
  const headers = { ...sender.sample.headers, "x-shopify-topic": topic, "x-shopify-triggered-at": `${TRIGGERED}Z` };
  const body = { id: 7, financial_status: "paid", customer: { id: 9 } };
  const [event] = await mapped({ ...sender, sample: { ...sender.sample, headers } }, mappingsOf(sender), body);
  expect(event?.faults).toEqual([]);
  expect(event?.changes.map(shown)).toMatchObject([change]);
});

test.each<[string, Json, Json]>([
  ["customer.deleted", { id: 9 }, ["contact", "help-scout:9", "undefined", "deleted"]],
  [
    "customer.updated",
    {
      id: 9,
      firstName: "",
      lastName: null,
      updatedAt: "2026-11-05T11:59:57Z",
      _embedded: { emails: [], phones: [{}] },
    },
    [
      "contact",
      "help-scout:9",
      "2026-11-05T11:59:57.000Z",
      { [NAME]: "Help Scout customer 9", email: null, phone: null },
    ],
  ],
])("Help Scout: %s, of which the header alone tells", async (type, body, change) => {
  const sender = findSender("help-scout")!;
  const headers = { ...sender.sample.headers, "x-helpscout-event": type };
  const [event] = await mapped({ ...sender, sample: { ...sender.sample, headers } }, mappingsOf(sender), body);
  expect(event?.faults).toEqual([]);
  expect(event?.changes.map(shown)).toEqual([change]);
});
