import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findSender, signRequest, type Sender } from "@sluice/event";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

/*
 * Sequences that senders really send and that once ended in a wrong record with a clean audit, through all of Sluice with `records: preset`:
 * signed as the vendor signs, from the door to the store.
 */
const TOKEN = "field-inputs-token";
const SECRET = "a-secret-of-ours";
const SENDERS = [
  "woocommerce",
  "shopify",
  "stripe",
  "hubspot-v3",
  "salesforce-cdc",
  "zoho-crm",
  "dataverse-webhookkey",
] as const;
type Name = (typeof SENDERS)[number];

const folder = mkdtempSync(join(tmpdir(), "sluice-field-inputs-"));
let up: SluiceProcess;
let door: string;
let store: string;

beforeAll(async () => {
  const ports = { ingress: await freePort(), worker: await freePort(), records: await freePort() };
  const sources = SENDERS.map((name) => `  ${name}: { scheme: ${name}, secrets: [${SECRET}], records: preset }`);
  const destination = '  crm: { kind: zendesk, url: "${RECORDS_URL}", auth: { bearer: "${SLUICE_RECORDS_TOKEN}" } }';
  writeFileSync(
    join(folder, "sluice.yaml"),
    `sources:\n${sources.join("\n")}\n  cloud:\n    scheme: cloudevents\n    secrets: [${SECRET}]\n    records:\n      - { destination: crm, object: contact, external_id: "'cloud:' & data.id", name: data.id, fields: { email: data.email } }\ndestinations:\n${destination}\n`,
  );
  up = startSluice(["up", "--no-samples"], {
    SLUICE_CONFIG: join(folder, "sluice.yaml"),
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_INGRESS_PORT: String(ports.ingress),
    SLUICE_WORKER_PORT: String(ports.worker),
    SLUICE_RECORDS_PORT: String(ports.records),
    RECORDS_URL: `http://127.0.0.1:${ports.records}`,
    SLUICE_RECORDS_TOKEN: TOKEN,
    SLUICE_LOG: "warn",
  });
  door = `http://127.0.0.1:${ports.ingress}/webhooks`;
  store = `http://127.0.0.1:${ports.records}/api/v2/custom_objects`;
  await up.ready(ports.ingress);
});
afterAll(async () => {
  await up.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
});

type Headers = Readonly<Record<string, string>>;

/** @returns what became of each of its events */
async function send(source: Name | "cloud", body: unknown, headers: Headers = {}): Promise<(string | undefined)[]> {
  const sender = findSender(source === "cloud" ? "cloudevents" : source) as Sender;
  const url = `${door}/${source}`;
  const own = source === "cloud" ? {} : sender.sample.headers;
  const sent = Object.entries({ ...own, ...headers, prefer: "wait=10" });
  const request = {
    method: "POST",
    url,
    path: new URL(url).pathname,
    headers: new Map(sent.map(([name, value]) => [name, [value]])),
    body: Buffer.from(JSON.stringify(body)),
  };
  const signed = signRequest(sender, request, SECRET, Date.now());
  const answer = await fetch(signed.url, {
    method: "POST",
    headers: Object.fromEntries([...signed.headers].map(([name, [value]]) => [name, value ?? ""])),
    body: Buffer.from(signed.body),
  });
  expect(answer.status, await answer.clone().text()).toBeLessThan(300);
  const { events = [] } = (await answer.json().catch(() => ({}))) as { events?: { status?: string }[] };
  return events.map(({ status }) => status);
}

/** The record as the store has it: its fields and its name. */
async function record(object: string, key: string): Promise<Record<string, unknown> | undefined> {
  const answer = await fetch(`${store}/${object}/records?filter[external_ids]=${encodeURIComponent(key)}`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  const { custom_object_records: found = [] } = (await answer.json()) as {
    custom_object_records?: { name: string; custom_object_fields: Record<string, unknown> }[];
  };
  return found[0] && { name: found[0].name, ...found[0].custom_object_fields };
}

async function becomes(object: string, key: string, fields: Record<string, unknown> | null): Promise<void> {
  const wanted: unknown = expect.objectContaining(fields ?? {});
  await expect
    .poll(async () => await record(object, key), { timeout: 60_000 })
    .toEqual(fields === null ? undefined : wanted);
}

const AT_MS = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
const AT = new Date(AT_MS).toISOString();
const AT_SECONDS = AT.replace(/\.\d+Z$/, "");

test("WooCommerce: a total that changed without the order's own time moving is the order's total", async () => {
  const order = (total: string, delivery: string) =>
    send(
      "woocommerce",
      { id: 9100, number: "9100", date_modified_gmt: AT_SECONDS, total, currency: "EUR" },
      {
        "x-wc-webhook-delivery-id": delivery,
      },
    );
  await order("10.00", "f0");
  await becomes("order", "woocommerce:9100", { total: 10 });
  expect(await order("35.00", "a0")).not.toContain("duplicate");
  await becomes("order", "woocommerce:9100", { total: 35 });
});

test("Shopify: of three states within a second the last that was triggered stays, whatever their ids", async () => {
  const states = ["pending", "authorized", "paid"];
  for (const [index, topic] of ["orders/create", "orders/updated", "orders/paid"].entries()) {
    const at = AT.replace(".000Z", [".100Z", ".400Z", ".900Z"][index]!);
    const id = `${9 - index}0000000-0000-4000-8000-000000000000`;
    await send(
      "shopify",
      { id: 71, name: "#71", updated_at: `${AT_SECONDS}Z`, financial_status: states[index] },
      { "x-shopify-topic": topic, "x-shopify-webhook-id": id, "x-shopify-event-id": id, "x-shopify-triggered-at": at },
    );
  }
  await becomes("order", "shopify:71", { status: "paid" });
});

test("Stripe: of two events of one second the later one counts, and its amounts have the currency's decimals", async () => {
  const invoice = (id: string, type: string, status: string) =>
    send("stripe", {
      id,
      object: "event",
      type,
      created: AT_MS / 1000,
      data: { object: { id: "in_1", object: "invoice", status, currency: "ugx", total: 500_000 } },
    });
  await invoice("evt_z1", "invoice.finalized", "open");
  await invoice("evt_a1", "invoice.paid", "paid");
  await becomes("invoice", "stripe:in_1", { status: "paid", total: 5000 });
});

let hubspotEvents = 0;
const hub = (subscriptionType: string, more: object) =>
  send("hubspot-v3", [
    {
      eventId: (hubspotEvents += 1),
      subscriptionId: 2,
      portalId: 3,
      occurredAt: AT_MS,
      subscriptionType,
      ...more,
    },
  ]);

test("HubSpot: generic subscriptions, merges and restores mean what those of contacts mean", async () => {
  const contact = { objectTypeId: "0-1" };
  await hub("object.creation", { ...contact, objectId: 7 });
  await hub("object.propertyChange", {
    ...contact,
    objectId: 7,
    propertyName: "email",
    propertyValue: "ada@example.com",
  });
  await becomes("contact", "hubspot:7", { email: "ada@example.com" });
  await hub("contact.propertyChange", { objectId: 8, propertyName: "email", propertyValue: "lost@example.com" });
  await becomes("contact", "hubspot:8", { email: "lost@example.com" });
  const later = { occurredAt: AT_MS + 1000 };
  await hub("contact.merge", { ...later, primaryObjectId: 7, mergedObjectIds: [8], newObjectId: 7 });
  await becomes("contact", "hubspot:8", null);
  await hub("object.deletion", { ...later, ...contact, objectId: 7 });
  await becomes("contact", "hubspot:7", null);
  await hub("contact.restore", { occurredAt: AT_MS + 2000, objectId: 7 });
  await becomes("contact", "hubspot:7", { name: "HubSpot contact 7" });
});

const cdc = (entityName: string, changeType: string, header: object, fields: object) =>
  send("salesforce-cdc", {
    detail: {
      id: crypto.randomUUID(),
      payload: {
        ChangeEventHeader: {
          entityName,
          recordIds: [`001${entityName}`],
          changeType,
          commitTimestamp: AT_MS,
          ...header,
        },
        ...fields,
      },
    },
  });

test("Salesforce: half of a name leaves the name alone, and what did not change stays, also after a move", async () => {
  await cdc("Contact", "CREATE", { commitNumber: 900 }, { Name: { FirstName: "Ines", LastName: "Moss" } });
  await becomes("contact", "salesforce:001Contact", { name: "Ines Moss" });
  const half = { Name: { LastName: "Moss-Hill" }, Email: "ines@example.com" };
  await cdc(
    "Contact",
    "UPDATE",
    { commitTimestamp: AT_MS + 1, commitNumber: 5, changedFields: ["Name.LastName", "Email"] },
    half,
  );
  await becomes("contact", "salesforce:001Contact", { name: "Ines Moss", email: "ines@example.com" });
  await cdc("Account", "CREATE", {}, { Name: "Moss Ltd", Phone: "1", Industry: "a" });
  await becomes("company", "salesforce:001Account", { phone: "1" });
  const sparse = { Name: null, Phone: null, Industry: "b" };
  await cdc("Account", "UPDATE", { commitTimestamp: AT_MS + 1, nulledFields: [], changedFields: ["Industry"] }, sparse);
  await becomes("company", "salesforce:001Account", { name: "Moss Ltd", phone: "1", industry: "b" });
});

test("Zoho: values of a second id are kept where the first has none", async () => {
  await send("zoho-crm", {
    ids: ["1", "2"],
    module: "Accounts",
    operation: "update",
    server_time: AT_MS,
    token: SECRET,
    affected_values: [{ record_id: "1" }, { record_id: "2", values: { Account_Name: "Moss Ltd", Phone: "5" } }],
  });
  await becomes("company", "zoho-crm:2", { phone: "5" });
});

test("Dataverse: two changes of synchronous steps, which have no operation's id, are two", async () => {
  const contact = (email: string, atMs: number) =>
    send("dataverse-webhookkey", {
      MessageName: "Update",
      PrimaryEntityName: "contact",
      PrimaryEntityId: "6d81597f-0f9f-e711-8122-000d3aa2331c",
      OperationId: "00000000-0000-0000-0000-000000000000",
      OperationCreatedOn: `/Date(${atMs})/`,
      InputParameters: [
        {
          key: "Target",
          value: {
            Id: "6d81597f-0f9f-e711-8122-000d3aa2331c",
            LogicalName: "contact",
            Attributes: [
              { key: "fullname", value: "Ada" },
              { key: "emailaddress1", value: email },
              { key: "modifiedon", value: `/Date(${atMs})/` },
            ],
          },
        },
      ],
    });
  await contact("old@example.com", AT_MS);
  expect(await contact("new@example.com", AT_MS + 1000)).not.toContain("duplicate");
  await becomes("contact", "dataverse:6d81597f-0f9f-e711-8122-000d3aa2331c", { email: "new@example.com" });
});

test("CloudEvents: ids that differ in an escape alone are two events", async () => {
  const event = (id: string, email: string) =>
    send(
      "cloud",
      { id: "7", email },
      {
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": id,
        "ce-source": "/crm",
        "ce-type": "contact.updated",
      },
    );
  await event("a%2Fb", "first@example.com");
  expect(await event("a/b", "second@example.com")).not.toContain("duplicate");
  await becomes("contact", "cloud:7", { email: "second@example.com" });
});
