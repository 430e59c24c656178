import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { findSender, readEvents, signRequest, type Json, type WebhookRequest } from "@sluice/event";
import { documentOf, mapDocument, mapEvent, type Change } from "@sluice/record";
import { readConfiguration } from "@sluice/runtime";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startFleet, type Fleet } from "../fleet.ts";
import {
  CONTACT,
  CUSTOMER,
  NOTICES,
  notification,
  quickbooksEvent,
  sapEvent,
  xeroEvent,
  zohoNotice,
} from "./thin-notices.fixture.ts";
import { VENDOR_DOCUMENTS } from "./vendor-documents.fixture.ts";

vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

/** The senders of thin events with `records: preset`, and a server that plays the read API of each. */
let api: Server;
let fleet: Fleet;
let at: string;
let text: string;
const refused: string[] = [];

const AUTHORIZATION: Readonly<Record<string, string>> = {
  bc: "Bearer bc-token",
  sap: `Basic ${Buffer.from("SLUICE:sap-password").toString("base64")}`,
  xero: "Bearer xero-token",
  qb: "Bearer qb-token",
  zoho: "Bearer zoho-token",
};

beforeAll(async () => {
  api = createServer((request, response) => {
    const path = decodeURI(request.url ?? "");
    const [, vendor = ""] = path.split("/");
    response.setHeader("content-type", "application/json");
    if (path.endsWith("/token"))
      return void response.end(JSON.stringify({ access_token: `${vendor}-token`, expires_in: 3600 }));
    const document = VENDOR_DOCUMENTS[path];
    const authorized = request.headers.authorization === AUTHORIZATION[vendor];
    // Zoho says in this way that there is no such record.
    if (path.endsWith("/404")) return void response.writeHead(204).end();
    if (!authorized || document === undefined) refused.push(`${request.method} ${path}`);
    response.statusCode = authorized ? (document === undefined ? 404 : 200) : 401;
    response.end(JSON.stringify(document ?? { error: "not found" }));
  }).listen(0, "127.0.0.1");
  await once(api, "listening");
  at = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const oauth = (vendor: string): object => ({
    oauth: { token_url: `${at}/${vendor}/token`, client_id: "me", client_secret: "hush" },
  });
  const source = (scheme: string, secret: string, vendor: string, auth: object): object => ({
    scheme,
    secrets: [secret],
    fetch: { base: `${at}/${vendor}/`, auth, requests_per_minute: 60_000 },
    records: "preset",
  });
  text = JSON.stringify({
    sources: {
      bc: source("business-central", SECRET, "bc", oauth("bc")),
      sap: source("sap-event-mesh", SECRET, "sap", { basic: { user: "SLUICE", password: "sap-password" } }),
      xero: source("xero", SECRET, "xero", oauth("xero")),
      qb: source("quickbooks", SECRET, "qb", { bearer: "qb-token" }),
      zoho: source("zoho-crm", SECRET, "zoho", oauth("zoho")),
      // The same sender without a fetch: its notifications carry values.
      whole: { scheme: "zoho-crm", secrets: [SECRET], records: "preset" },
    },
    destinations: {
      crm: {
        kind: "zendesk",
        url: "${RECORDS_URL}",
        auth: { bearer: "${SLUICE_RECORDS_TOKEN}" },
        requests_per_minute: 60_000,
      },
    },
  });
  fleet = await startFleet({ text });
});
afterAll(async () => {
  await fleet.close();
  api.closeAllConnections();
  api.close();
});

const SECRET = "sluice:a-long-random-text";

function requestOf(source: string, scheme: string, body: Json): WebhookRequest {
  const { headers } = findSender(scheme)!.sample;
  return {
    method: "POST",
    url: `${fleet.ingress}/webhooks/${source}`,
    path: `/webhooks/${source}`,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** Sends a body as the sender does, signed; yields the answer's status. */
async function send(source: string, scheme: string, body: Json): Promise<number> {
  const unsigned = requestOf(source, scheme, body);
  const { url } = unsigned;
  const request = signRequest(findSender(scheme)!, unsigned, SECRET, Date.now());
  const headers = [...request.headers].map(([name, [value = ""]]) => [name, value] as [string, string]);
  return (await fetch(url, { method: "POST", headers, body: Buffer.from(request.body) })).status;
}

/** The store's records of an object, by external id. */
async function stored(object: string): Promise<Record<string, object>> {
  const records = await fleet.recordsOf(object);
  const known = records.map(({ external_id: id, name, custom_object_fields: fields }) => {
    const set = Object.entries(fields).filter(([, value]) => value !== null);
    return [id ?? "", { name, ...Object.fromEntries(set) }] as const;
  });
  return Object.fromEntries(known);
}

test("Business Central: what notifications name is fetched; a deletion needs no document, a collection has none", async () => {
  const customer = CUSTOMER;
  const value = [
    notification("customers", customer),
    notification("items", "5d115c9c-44e3-ea11-bb43-000d3a2feca1"),
    notification("salesOrders", "5d115c9c-44e3-ea11-bb43-000d3a2feca2", "created"),
    notification("salesInvoices", "5d115c9c-44e3-ea11-bb43-000d3a2feca3"),
    notification("customers", "", "collection"),
    notification("vendors", "5d115c9c-44e3-ea11-bb43-000d3a2feca9"),
  ];
  expect(await send("bc", "business-central", { value })).toBe(200);
  await fleet.drained();
  expect(await stored("company")).toMatchObject({
    [`business-central:${customer}`]: {
      name: "Coho Winery",
      number: "10000",
      email: "jim@coho.example",
      city: "Atlanta",
      country: "US",
    },
  });
  expect(await stored("product")).toMatchObject({
    "business-central:5d115c9c-44e3-ea11-bb43-000d3a2feca1": {
      name: "ATHENS Desk",
      sku: "1896-S",
      price: 1000.8,
      stock: 4,
    },
  });
  const company = `business-central:${customer}`;
  expect(await stored("order")).toMatchObject({
    "business-central:5d115c9c-44e3-ea11-bb43-000d3a2feca2": {
      name: "S-ORD101001",
      status: "Open",
      total: 1321.06,
      currency: "USD",
      company,
    },
  });
  expect(await stored("invoice")).toMatchObject({
    "business-central:5d115c9c-44e3-ea11-bb43-000d3a2feca3": { name: "PS-INV103001", total: 1500, company },
  });
  const gone = notification("customers", customer, "deleted", "2026-11-05T12:10:00Z");
  expect(await send("bc", "business-central", { value: [gone] })).toBe(200);
  await fleet.drained();
  expect(await stored("company")).not.toHaveProperty([company]);
  expect(refused).toEqual([]);
});

test("SAP S/4HANA: business partner, sales order, product and billing document come from OData", async () => {
  const events = [
    sapEvent("BusinessPartner", "1000667"),
    sapEvent("SalesOrder", "4800", "Created"),
    sapEvent("Product", "TG11"),
    sapEvent("BillingDocument", "90000000", "Created"),
    sapEvent("PurchaseOrder", "1"),
  ];
  for (const each of events) expect(await send("sap", "sap-event-mesh", each)).toBe(200);
  await fleet.drained();
  expect(await stored("company")).toMatchObject({
    "sap:1000667": {
      name: "Byron Engines GmbH",
      number: "1000667",
      kind: "organization",
      email: "ada@byron.example",
      phone: "+4962271234",
      city: "Walldorf",
      country: "DE",
    },
  });
  expect(await stored("order")).toMatchObject({
    "sap:4800": { name: "4800", status: "A", total: 2656.24, currency: "EUR", company: "sap:1000667" },
  });
  expect(await stored("product")).toMatchObject({
    "sap:TG11": { name: "Trad.Good 11", sku: "TG11", kind: "HAWA", unit: "PC" },
  });
  expect(await stored("invoice")).toMatchObject({
    "sap:90000000": { name: "90000000", total: 52.65, currency: "EUR", cancelled: false, company: "sap:1000667" },
  });
  expect(refused).toEqual([]);
});

test("Xero: contacts and invoices come from the accounting API", async () => {
  const contact = CONTACT;
  const events = [xeroEvent("CONTACT", contact), xeroEvent("INVOICE", "243216c5-369e-4056-ac67-05388f86dc81")];
  const body = { events, firstEventSequence: 1, lastEventSequence: 2, entropy: "S0m3r4Nd0mt3xt" };
  expect(await send("xero", "xero", body)).toBe(200);
  await fleet.drained();
  expect(await stored("contact")).toMatchObject({
    [`xero:${contact}`]: {
      name: "Ada Byron",
      email: "ada@example.com",
      phone: "44 20 1234567",
      city: "London",
      country: "UK",
      status: "ACTIVE",
    },
  });
  expect(await stored("invoice")).toMatchObject({
    "xero:243216c5-369e-4056-ac67-05388f86dc81": {
      name: "INV-0001",
      status: "AUTHORISED",
      total: 120,
      open: 70,
      currency: "GBP",
      due: "2026-11-19T00:00:00+00:00",
      contact: `xero:${contact}`,
    },
  });
  expect(refused).toEqual([]);
});

test("QuickBooks: both forms of notification lead to the document; a void is read, a deletion deletes", async () => {
  const events = [quickbooksEvent("qbo.customer.updated.v1", "1234"), quickbooksEvent("qbo.invoice.voided.v1", "130")];
  expect(await send("qb", "quickbooks", events)).toBe(200);
  const entities = [{ name: "Item", id: "17", operation: "Update", lastUpdated: "2026-11-05T11:59:57.000Z" }];
  const legacy = { eventNotifications: [{ realmId: "1185883450", dataChangeEvent: { entities } }] };
  expect(await send("qb", "quickbooks", legacy)).toBe(200);
  await fleet.drained();
  const customer = "quickbooks:310687:1234";
  expect(await stored("company")).toMatchObject({
    [customer]: {
      name: "Byron Engines",
      email: "ada@byron.example",
      phone: "(650) 555-3311",
      city: "Half Moon Bay",
      balance: 239.5,
      active: true,
    },
  });
  expect(await stored("product")).toMatchObject({
    "quickbooks:1185883450:17": { name: "Pump", sku: "P-17", price: 15, active: true },
  });
  expect(await stored("invoice")).toMatchObject({
    "quickbooks:310687:130": {
      name: "1037",
      total: 362.07,
      open: 0,
      currency: "USD",
      due: "2026-12-05T00:00:00+00:00",
      company: customer,
    },
  });
  expect(
    await send("qb", "quickbooks", [quickbooksEvent("qbo.customer.deleted.v1", "1234", "2026-11-05T12:10:00Z")]),
  ).toBe(200);
  await fleet.drained();
  expect(await stored("company")).not.toHaveProperty([customer]);
  expect(refused).toEqual([]);
});

test("Zoho CRM: the values of each record of a notification, or with a fetch its whole document", async () => {
  const values = [
    { First_Name: "Ada", Last_Name: "Byron", Email: "ada@example.com" },
    { First_Name: null, Last_Name: "Menabrea" },
  ];
  expect(await send("whole", "zoho-crm", zohoNotice("Contacts", ["701", "702"], "insert", values))).toBe(200);
  // Half a name says nothing of the other half, and a null field is cleared.
  expect(
    await send("whole", "zoho-crm", zohoNotice("Contacts", ["703"], "insert", [{ Last_Name: "Babbage", Phone: "1" }])),
  ).toBe(200);
  // Nothing in the notice tells a value, and this source fetches nothing.
  expect(await send("whole", "zoho-crm", zohoNotice("Contacts", ["704"], "update", null))).toBe(200);
  expect(await send("zoho", "zoho-crm", zohoNotice("Contacts", ["5725767000003000010"], "update", null))).toBe(200);
  expect(await send("zoho", "zoho-crm", zohoNotice("Contacts", ["404"], "update", null))).toBe(200);
  expect(await send("zoho", "zoho-crm", zohoNotice("Invoices", ["5725767000003000012"], "insert", null))).toBe(200);
  const { outcomes } = await fleet.drained();
  expect(outcomes["dead"]).toBe(0);
  const contacts = await stored("contact");
  expect(contacts).toMatchObject({
    "zoho-crm:701": { name: "Ada Byron", email: "ada@example.com" },
    "zoho-crm:702": { name: "Menabrea" },
    "zoho-crm:703": { name: "Babbage", phone: "1" },
    "zoho-crm:5725767000003000010": { name: "Byron", email: "ada@example.com", city: "Chennai" },
  });
  expect(contacts).not.toHaveProperty(["zoho-crm:704"]);
  expect(await stored("invoice")).toMatchObject({
    "zoho-crm:5725767000003000012": {
      name: "Pumps",
      status: "Approved",
      total: 99.5,
      due: "2026-12-01T00:00:00+00:00",
      company: "zoho-crm:5725767000003000011",
    },
  });
  const change = {
    ...(zohoNotice("Contacts", ["703"], "update", [{ Phone: null, First_Name: "Charles" }]) as object),
    server_time: Date.parse("2026-11-05T12:00:00Z"),
  };
  expect(await send("whole", "zoho-crm", change as Json)).toBe(200);
  await fleet.drained();
  expect((await stored("contact"))["zoho-crm:703"]).toEqual({ name: "Babbage" });
  expect(refused).toEqual([]);
});

/** A document with one of its leaves null, and without that leaf, for each leaf. */
function* damaged(document: Json, path: readonly string[] = []): Generator<Json> {
  const value = path.reduce((within, member) => (within as Record<string, Json>)[member]!, document);
  if (value !== null && typeof value === "object") {
    for (const member of Object.keys(value)) yield* damaged(document, [...path, member]);
    return;
  }
  for (const replacement of [null, undefined]) {
    const copy = structuredClone(document);
    const parent = path.slice(0, -1).reduce((within, member) => (within as Record<string, Json>)[member]!, copy);
    (parent as Record<string, Json | undefined>)[path.at(-1)!] = replacement;
    yield JSON.parse(JSON.stringify(copy)) as Json;
  }
}

function fieldsOf({ effect }: Change): ReadonlyMap<string, Json> {
  if (effect.kind === "fields") return effect.fields;
  throw new Error("a document deletes nothing");
}

/** Senders whose documents, or the lists in them, leave out what is empty (Xero-NetStandard#63): what is missing there clears its field. */
const OMITTING = new Set(["xero", "qb", "sap"]);

test("whatever value of a document is null or missing, the others are mapped, and what is missing is null only where a sender omits what is empty", async () => {
  const configuration = readConfiguration(text.replaceAll("${RECORDS_URL}", "http://127.0.0.1:1"), {
    path: "sluice.yaml",
    env: { SLUICE_RECORDS_TOKEN: "none" },
  });
  const fetchedAtMs = Date.parse("2026-11-06T00:00:00Z");
  const arrival = { micros: fetchedAtMs * 1000, session: 1 };
  let seen = 0;
  for (const [source, scheme, body] of NOTICES) {
    const { mappings } = configuration.sources.get(source)!;
    const context = { rank: 0, mappings, arrival, run: 0, versionSkewMs: 86_400_000 };
    for (const event of readEvents(findSender(scheme)!, requestOf(source, scheme, body), source)) {
      const [asked] = (await mapEvent(event, context)).changes;
      const fetch = mappings.find((mapping) => mapping.fetch?.place === asked?.object)?.fetch;
      if (asked === undefined || fetch == null) continue;
      const answer = VENDOR_DOCUMENTS[decodeURI(asked.key.value.slice(at.length))] as Json;
      const hydration = { ...context, fetch, fetchedAtMs };
      const whole = await mapDocument(event, (await documentOf(fetch, answer, fetchedAtMs))!, hydration);
      expect(whole.faults).toEqual([]);
      const values = fieldsOf(whole.changes[0]!);
      for (const document of damaged(answer)) {
        const part = await documentOf(fetch, document, fetchedAtMs);
        if (part === undefined || part === null) continue;
        seen += 1;
        const { changes, faults } = await mapDocument(event, part, hydration);
        for (const { place } of faults) expect(place, JSON.stringify(document)).toMatch(/\.version$/);
        for (const fields of changes.map(fieldsOf)) {
          // One leaf is damaged, which a name may be made of too: the other fields are as they were.
          const same = [...fields].filter(([field, value]) => value === values.get(field));
          expect(same.length, JSON.stringify(document)).toBeGreaterThanOrEqual(values.size - 2);
          const isWhole = !JSON.stringify(document).includes("null");
          // An empty text of the document says as much as null, and said so before.
          const isCleared = [...fields].some(([field, value]) => value === null && values.get(field) !== null);
          expect(isWhole && isCleared && !OMITTING.has(source), JSON.stringify(document)).toBe(false);
        }
      }
    }
  }
  expect(seen).toBeGreaterThan(100);
});
