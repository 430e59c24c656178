import { findSender, readEvents, type Json } from "@sluice/event";
import { documentOf, mapDocument, saysGone, type Change } from "@sluice/record";
import { expect, test } from "vitest";
import { mapped, mappingsOf, NAME, shown } from "./preset.fixture.ts";

/* Values that senders empty, take away or only seem to say, each as a request of theirs with its meaning. */

type Sending = { readonly headers?: Readonly<Record<string, string>>; readonly fetched?: boolean };

async function read(name: string, body: Json, { headers = {}, fetched = false }: Sending = {}) {
  const sender = findSender(name)!;
  const sent = { ...sender, sample: { ...sender.sample, headers: { ...sender.sample.headers, ...headers } } };
  const events = await mapped(sent, mappingsOf(sender, fetched), body);
  return {
    faults: events.flatMap(({ faults }) => faults.map(({ code }) => code)),
    changes: events.flatMap(({ changes }) => changes.map((change) => shown(change) as Json[])),
  };
}

async function fieldsOf(name: string, body: Json, sending: Sending = {}): Promise<Json> {
  const { faults, changes } = await read(name, body, sending);
  expect(faults).toEqual([]);
  expect(changes).toHaveLength(1);
  return changes[0]![3]!;
}

/** The changes that a document makes for the first event of a body; undefined where it is no document. */
async function documented(name: string, body: Json, answer: Json): Promise<readonly Change[] | undefined> {
  const sender = findSender(name)!;
  const mappings = mappingsOf(sender, true);
  const fetchedAtMs = Date.parse("2026-11-06T00:00:00Z");
  const context = { rank: 0, mappings, run: 0, versionSkewMs: 86_400_000, fetchedAtMs };
  const arrival = { micros: fetchedAtMs * 1000, session: 1 };
  const request = {
    method: "POST",
    url: "https://in.example.com/webhooks/it",
    path: "/webhooks/it",
    headers: new Map(Object.entries(sender.sample.headers).map(([header, value]) => [header, [value]])),
    body: Buffer.from(JSON.stringify(body)),
  };
  const [event] = readEvents(sender, request, "it");
  const [asked] = (await mapped(sender, mappings, body)).flatMap(({ changes }) => changes);
  const fetch = mappings.find((mapping) => mapping.fetch?.place === asked!.object)!.fetch!;
  const document = await documentOf(fetch, answer, fetchedAtMs);
  if (document === null || document === undefined) return undefined;
  const { changes, faults } = await mapDocument(event!, document, { ...context, arrival, fetch });
  expect(faults).toEqual([]);
  return changes;
}

const AT = "2026-11-05T11:59:57Z";
const SHOP = { "x-shopify-topic": "customers/update" };

test.each<[string, Json, object]>([
  ["no address any more, by null", { default_address: null }, { city: null, country: null }],
  ["no address any more, by an empty list", { addresses: [] }, { city: null, country: null }],
  ["an address without a city", { default_address: { country_code: "DE" } }, { city: null, country: "DE" }],
])("Shopify: a customer with %s has no city", async (_, changed, expected) => {
  const body = { id: 7, email: "ada@example.com", updated_at: "2026-11-05T11:59:57Z", ...(changed as object) };
  expect(await fieldsOf("shopify", body, { headers: SHOP })).toMatchObject(expected);
});

test("Shopify: a webhook of a few fields leaves the city alone, an order whose customer was erased has none", async () => {
  const partial = { id: 7, email: "ada@example.com", updated_at: "2026-11-05T11:59:57Z" };
  expect(await fieldsOf("shopify", partial, { headers: SHOP })).not.toHaveProperty("city");
  const order = { id: 8, name: "#8", updated_at: "2026-11-05T11:59:57Z", customer: null };
  const headers = { "x-shopify-topic": "orders/updated" };
  expect(await fieldsOf("shopify", order, { headers })).toEqual({ [NAME]: "#8", contact: null });
  const product = { id: 9, title: "Pump", updated_at: "2026-11-05T11:59:57Z", variants: [] };
  const topic = { "x-shopify-topic": "products/update" };
  expect(await fieldsOf("shopify", product, { headers: topic })).toMatchObject({ price: null, sku: null });
});

const merge = (status: string): Json => ({
  admin_graphql_api_customer_kept_id: "gid://shopify/Customer/1",
  admin_graphql_api_customer_deleted_id: "gid://shopify/Customer/2",
  admin_graphql_api_job_id: null,
  status,
  errors: [],
});

test("Shopify: of two customers that were merged one is gone, once the merge is done", async () => {
  const headers = { "x-shopify-topic": "customers/merge" };
  const done = await read("shopify", merge("completed"), { headers });
  expect(done.faults).toEqual([]);
  expect(done.changes.map(([object, key, , effect]) => [object, key, effect])).toEqual([
    ["contact", "shopify:2", "deleted"],
  ]);
  expect((await read("shopify", merge("failed"), { headers })).changes).toEqual([]);
});

const person = (data: object): Json => ({
  data: { id: 178, name: "Ada Byron", ...data },
  previous: {},
  meta: { action: "change", entity: "person", entity_id: "178", id: "m-1", timestamp: "2026-11-05T11:59:57.426Z" },
});

test.each<[string, object, Json]>([
  ["the last address is taken away", { emails: [], phones: [] }, { [NAME]: "Ada Byron", email: null, phone: null }],
  [
    "none is the primary one",
    { emails: [{ value: "a@example.com" }, { value: "b@example.com" }] },
    { [NAME]: "Ada Byron", email: "a@example.com" },
  ],
  [
    "two are",
    {
      emails: [
        { value: "a@example.com", primary: true },
        { value: "b@example.com", primary: true },
      ],
    },
    { [NAME]: "Ada Byron", email: "a@example.com" },
  ],
  [
    "the second is",
    {
      emails: [
        { value: "a@example.com", primary: false },
        { value: "b@example.com", primary: true },
      ],
    },
    { [NAME]: "Ada Byron", email: "b@example.com" },
  ],
  ["nothing is said of them", {}, { [NAME]: "Ada Byron" }],
])("Pipedrive: of a person's addresses %s", async (_, data, expected) => {
  expect(await fieldsOf("pipedrive", person(data))).toEqual(expected);
});

const stripe = (type: string, object: Json): Json => ({ id: "evt_1", type, created: 1793879997, data: { object } });

test("Stripe: the preview of an invoice to come has no id, and is neither a record nor a dead letter", async () => {
  const preview = { object: "invoice", currency: "eur", total: 500, customer: "cus_9" };
  expect(await read("stripe", stripe("invoice.upcoming", preview))).toEqual({ faults: [], changes: [] });
});

test("Stripe: where documents are fetched a deletion is as new as its arrival, as they are", async () => {
  const gone = stripe("customer.deleted", { object: "customer", id: "cus_9" });
  const at = async (isFetched: boolean) => (await read("stripe", gone, { fetched: isFetched })).changes[0]![2];
  expect([await at(false), await at(true)]).toEqual(["2026-11-05T11:59:57.000Z", "undefined"]);
});

test("Stripe: the document of a customer who was deleted meanwhile brings nobody back", async () => {
  const update = stripe("customer.updated", { object: "customer", id: "cus_9", name: "Ada" });
  expect(await documented("stripe", update, { id: "cus_9", object: "customer", deleted: true })).toBeUndefined();
  expect(await documented("stripe", update, { id: "cus_9", object: "customer", name: "Ada" })).toHaveLength(1);
});

const cdc = (entityName: string, changeType: string, header: object, fields: object = {}): Json => ({
  detail: {
    id: "e",
    payload: {
      ChangeEventHeader: { entityName, recordIds: ["003"], changeType, commitTimestamp: 1_793_879_997_412, ...header },
      ...fields,
    },
  },
});

test("Salesforce CDC: in the Pub/Sub shape a name that did not change is null, and no record is called by its key", async () => {
  const changed = { nulledFields: [], changedFields: ["IsActive"] };
  const product = cdc("Product2", "UPDATE", changed, { Name: null, ProductCode: null, IsActive: false });
  expect(await fieldsOf("salesforce-cdc", product)).toEqual({ active: false });
  const order = cdc("Order", "UPDATE", { ...changed, changedFields: ["Status"] }, { OrderNumber: null, Status: "x" });
  expect(await fieldsOf("salesforce-cdc", order)).toEqual({ status: "x" });
});

test.each<[string, string, Json, string]>([
  ["Salesforce CDC: a deletion in a gap", "salesforce-cdc", cdc("Contact", "GAP_DELETE", {}), "salesforce:003"],
  [
    "Dataverse: a deletion whose message was too large for its record",
    "dataverse-webhookkey",
    {
      MessageName: "Delete",
      OperationId: "o",
      OperationCreatedOn: "/Date(1793879997000)/",
      PrimaryEntityId: "p-1",
      PrimaryEntityName: "contact",
    },
    "dataverse:p-1",
  ],
])("%s has no values and deletes all the same", async (_, name, body, key) => {
  const { faults, changes } = await read(name, body);
  expect([faults, changes.map(([, of, , effect]) => [of, effect])]).toEqual([[], [[key, "deleted"]]]);
});

const NIL = "00000000-0000-0000-0000-000000000000";

test("Dataverse: what has no id yet is nobody's record", async () => {
  const body = {
    MessageName: "Create",
    OperationId: "o",
    OperationCreatedOn: "/Date(1793879997000)/",
    PrimaryEntityId: NIL,
    PrimaryEntityName: "contact",
    InputParameters: [{ key: "Target", value: { Attributes: [{ key: "fullname", value: "Ada" }] } }],
  };
  expect(await read("dataverse-webhookkey", body)).toEqual({ faults: ["key_incomplete"], changes: [] });
});

const central: Json = {
  value: [
    {
      subscriptionId: "s",
      clientState: "hush",
      resource: `https://api.example.com/companies(${NIL.replace(/0/, "1")})/salesOrders(5d115c9c-44e3-ea11-bb43-000d3a2feca2)`,
      changeType: "updated",
      lastModifiedDateTime: "2026-11-05T11:59:57Z",
    },
  ],
};

test.each<[string, Json]>([
  ["null", null],
  ["empty", ""],
])("Zoho: a company whose name is %s is called by its key", async (_, Account_Name) => {
  const values = { record_id: "7", values: { Account_Name, Phone: "1" } };
  const body = { token: "hush", ids: ["7"], module: "Accounts", operation: "update", server_time: 1_793_879_997_000 };
  expect(await fieldsOf("zoho-crm", { ...body, affected_values: [values] })).toEqual({
    [NAME]: "zoho-crm:7",
    phone: "1",
  });
});

test("ServiceNow: a user without name and e-mail is called by the key", async () => {
  const body = { event_id: "e", record_type: "sys_user", op: "update", id: "5", occurred_at: AT, last_modified: AT };
  expect(await fieldsOf("servicenow", { ...body, fields: { name: "", email: null, phone: "1" } })).toMatchObject({
    [NAME]: "servicenow:5",
    phone: "1",
  });
  expect(await fieldsOf("servicenow", { ...body, fields: { phone: "1" } })).toEqual({ phone: "1" });
});

test("Business Central: an order of nobody names the nil GUID, which is no company", async () => {
  const order = { number: "S-1", customerId: NIL, lastModifiedDateTime: "2026-11-05T11:59:57Z" };
  const [change] = (await documented("business-central", central, order))!;
  expect((shown(change!) as Json[])[3]).toMatchObject({ company: null });
});

const xero: Json = {
  events: [
    {
      resourceUrl: "https://api.xero.com/api.xro/2.0/Contacts/c-1",
      resourceId: "c-1",
      eventDateUtc: "2026-11-05T11:59:57.412",
      eventType: "UPDATE",
      eventCategory: "CONTACT",
      tenantId: "t",
      tenantType: "ORGANISATION",
    },
  ],
};

test("Xero: what a document leaves out is empty, and its time is read in both spellings or told", async () => {
  const contact = { Name: "Ada", Addresses: [{ AddressType: "STREET" }], UpdatedDateUTC: "/Date(1793879997000+0000)/" };
  const [change] = (await documented("xero", xero, { Contacts: [contact] }))!;
  expect(shown(change!)).toMatchObject({ 2: "2026-11-05T11:59:57.000Z", 3: { city: null, email: null, phone: null } });
  const iso = { ...contact, UpdatedDateUTC: "2026-11-05T11:59:57.41Z" };
  const [dated] = (await documented("xero", xero, { Contacts: [iso] }))!;
  expect(shown(dated!)).toMatchObject({ 2: "2026-11-05T11:59:57.410Z" });
});

test.each(["person", "organization", "product"])("Pipedrive: what belongs to a %s is not one", async (entity) => {
  const meta = { action: "change", entity: `deal_${entity}`, entity_id: "1", id: "m", timestamp: AT };
  const { faults, changes } = await read("pipedrive", { data: { name: "Pump" }, previous: null, meta });
  expect([faults, changes]).toEqual([[], []]);
});

test.each(["customrecord_lineitem", "payrollitem"])("NetSuite: %s counts its ids for itself", async (record_type) => {
  const body = {
    event_id: "e",
    record_type,
    op: "edit",
    id: "5",
    occurred_at: AT,
    last_modified: AT,
    fields: { itemid: "P-1" },
  };
  const { faults, changes } = await read("netsuite", body);
  expect([faults, changes]).toEqual([[], []]);
});

test("WooCommerce: what was restored is newer than its deletion, however long the shop kept both", async () => {
  const of = (event: string): Sending => ({
    headers: { "x-wc-webhook-topic": `order.${event}`, "x-wc-webhook-event": event },
  });
  const [[, , deleted]] = (await read("woocommerce", { id: 9 }, of("deleted"))).changes as [[Json, Json, string]];
  expect(deleted, "as of its arrival").toBe("undefined");
  const body = { id: 9, number: "9", date_modified_gmt: "2026-11-05T11:00:00" };
  const [[, , restored]] = (await read("woocommerce", body, of("restored"))).changes as [[Json, Json, string]];
  expect(restored).toBe("2026-11-05T12:00:00.000Z");
  const [[, , updated]] = (await read("woocommerce", body, of("updated"))).changes as [[Json, Json, string]];
  expect(updated).toBe("2026-11-05T11:00:00.000Z");
});

test("QuickBooks: the refusal of a record that was deleted since is read as a 404, and no other is", async () => {
  const fetches = mappingsOf(findSender("quickbooks")!, true).flatMap(({ fetch }) => fetch ?? []);
  expect(fetches.length).toBeGreaterThan(2);
  const says = async (code: string) =>
    await Promise.all(fetches.map(async (fetch) => await saysGone(fetch, { Fault: { Error: [{ code }] } }, 0)));
  expect(new Set(await says("610"))).toEqual(new Set([true]));
  expect(new Set(await says("3100"))).toEqual(new Set([false]));
});
