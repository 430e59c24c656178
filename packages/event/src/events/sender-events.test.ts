import { expect, test } from "vitest";
import { findScheme, findSender } from "../catalog.ts";
import type { Json } from "../event.ts";
import { readEvents } from "./read-events.ts";
import type { WebhookRequest } from "../request.ts";
import type { Scheme } from "../scheme.ts";
import { sampleRequest } from "../sender.fixture.ts";
import { UnreadableBodyError } from "../body/unreadable-body.ts";
import { verify } from "../verification/verify.ts";

type Sending = { readonly headers?: Readonly<Record<string, string>>; readonly query?: string };

function read(name: string, body: Json | string, { headers = {}, query = "" }: Sending = {}) {
  const request: WebhookRequest = {
    method: "POST",
    url: `https://in.example.com/webhooks/x?${query}`,
    path: "/webhooks/x",
    query,
    headers: new Map(Object.entries(headers).map(([header, value]) => [header, [value]])),
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  };
  return readEvents(findScheme(name) as Scheme, request, "s");
}

test("Dataverse's columns become members: dates, references, choices and money as what they mean", () => {
  const attribute = (key: string, value: Json) => ({ key, value });
  const kind = (name: string) => `${name}:http://schemas.microsoft.com/xrm/2011/Contracts`;
  const Attributes = [
    attribute("fullname", "Ada"),
    attribute("modifiedon", "/Date(1793879997000-0700)/"),
    attribute("parentcustomerid", { __type: kind("EntityReference"), Id: "a-1", LogicalName: "account" }),
    attribute("statuscode", { __type: kind("OptionSetValue"), Value: 2 }),
    attribute("revenue", { __type: kind("Money"), Value: 12.5 }),
    attribute("fax", null),
  ];
  const context = { MessageName: "Update", OperationId: "o-1", PrimaryEntityId: "c-1", PrimaryEntityName: "contact" };
  const [event] = read("dataverse", { ...context, InputParameters: [{ key: "Target", value: { Attributes } }] });
  expect(event).toEqual({
    id: "o-1",
    type: "contact.Update",
    time: "2026-11-05T11:59:57.000Z",
    finer: "2026-11-05T11:59:57.000Z",
    source: "s",
    data: {
      fullname: "Ada",
      modifiedon: "2026-11-05T11:59:57.000Z",
      parentcustomerid: "a-1",
      statuscode: 2,
      revenue: 12.5,
      fax: null,
      PrimaryEntityId: "c-1",
      PrimaryEntityName: "contact",
    },
    headers: {},
  });
  const [thin] = read("dataverse", { ...context, MessageName: "Delete" });
  expect(thin).toMatchObject({ operation: "delete", thin: true, data: { PrimaryEntityId: "c-1" } });
});

test("Zoho's and Salesforce's messages become an event for each record, without the token", () => {
  const zoho = { token: "t", ids: ["1", "2"], channel_id: "c", server_time: 1_793_879_998_473, module: "Contacts" };
  const events = read("zoho-crm", { ...zoho, operation: "delete" });
  expect(events.map(({ recordId, operation }) => [recordId, operation])).toEqual([
    ["1", "delete"],
    ["2", "delete"],
  ]);
  expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  expect(JSON.stringify(events)).not.toContain("token");
  const header = {
    entityName: "Contact",
    recordIds: ["a", "b"],
    changeType: "GAP_UPDATE",
    commitTimestamp: 1_793_879_997_412,
    sequenceNumber: 2,
  };
  const cdc = read("salesforce-cdc", { detail: { id: "e", payload: { ChangeEventHeader: header } } });
  const [version, finer] = ["2026-11-05T11:59:57.412Z", "2026-11-05T11:59:57.412002Z"];
  expect(cdc).toMatchObject([
    { id: "e:a", version, finer, thin: true },
    { id: "e:b", version, finer, thin: true },
  ]);
  expect(() => read("zoho-crm", { ...zoho, ids: ["1", {}] })).toThrow(UnreadableBodyError);
});

test("QuickBooks is read in both its forms, with the company", () => {
  const entity = { id: "1234", operation: "Delete", name: "Customer", lastUpdated: "2026-07-01T20:52:31.657Z" };
  const company = (realmId: string) => ({ realmId, dataChangeEvent: { entities: [entity] } });
  const legacy = read("quickbooks", { eventNotifications: [company("1"), company("2")] });
  expect(legacy.map(({ operation }) => operation)).toEqual(["delete", "delete"]);
  expect(new Set(legacy.map(({ id }) => id)).size).toBe(2);
  expect(legacy[1]?.data).toMatchObject({ realmId: "2" });
  const cloud = { id: "u", type: "qbo.customer.merged.v1", intuitaccountid: "7", data: { deletedid: "5" } };
  expect(read("quickbooks", [cloud])[0]).not.toHaveProperty("operation");
  expect(() => read("quickbooks", { eventNotifications: [company("1"), {}] })).toThrow(UnreadableBodyError);
});

test("CloudEvents are read structured, in batches and binary, and refused without what they must have", () => {
  const event = {
    specversion: "1.0",
    id: "1",
    source: "/a",
    type: "t.deleted",
    time: "2026-11-05T11:59:57Z",
    data: { n: 1 },
  };
  const structured = { "content-type": "application/cloudevents+json; charset=utf-8" };
  expect(read("cloudevents", event, { headers: structured })[0]).toMatchObject({
    id: "/a 1",
    data: { n: 1 },
    operation: "delete",
  });
  const batch = { "content-type": "application/cloudevents-batch+json" };
  expect(read("cloudevents", [event, { ...event, id: "2" }], { headers: batch })).toHaveLength(2);
  const binary = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "/a",
    "ce-type": "t%20u",
    "content-type": "application/json",
  };
  expect(read("cloudevents", { n: 1 }, { headers: binary })[0]).toMatchObject({
    id: "/a 1",
    type: "t u",
    data: { n: 1 },
  });
  const text = read("cloudevents", "hello", { headers: { ...binary, "content-type": "text/plain" } })[0];
  expect(text?.data).toMatchObject({ data_base64: "aGVsbG8=" });
  const { data: _data, ...bare } = event;
  const encoded = { ...bare, datacontenttype: "application/json" };
  const data_base64 = Buffer.from('{"n":2}').toString("base64");
  expect(read("cloudevents", { ...encoded, data_base64 }, { headers: structured })[0]?.data).toEqual({ n: 2 });
  expect(() => read("cloudevents", { ...encoded, data_base64: "?" }, { headers: structured })).toThrow(
    UnreadableBodyError,
  );
  for (const lack of ["id", "source", "type", "specversion"] as const) {
    const { [lack]: _, ...rest } = event;
    expect(() => read("cloudevents", [event, rest], { headers: batch })).toThrow(UnreadableBodyError);
  }
});

test("Odoo's deletions come by another URL, Pipedrive's with what was there before", () => {
  const row = { _action: "a", _model: "res.partner", _id: 14, write_date: "2026-11-05 11:59:57.482113" };
  const [gone] = read("odoo", row, { query: "k=s&op=delete" });
  expect(gone).toMatchObject({ operation: "delete", time: "2026-11-05T11:59:57.482113Z", type: "res.partner.delete" });
  expect(read("odoo", row, { query: "k=s" })[0]?.id).not.toBe(gone?.id);
  const meta = { action: "delete", entity: "deal", id: "m-1", timestamp: "2026-11-05T11:59:57.426Z" };
  const [deal] = read("pipedrive", { data: null, previous: { id: 1 }, meta });
  expect(deal).toMatchObject({
    operation: "delete",
    version: "2026-11-05T11:59:57.426Z",
    id: "m-1",
    data: { data: null },
  });
});

test("an id that is the record's is no event's: the second event on the record would pass for a repetition", () => {
  const invocation = (id: string) => ({ headers: { "x-zendesk-webhook-invocation-id": id } });
  // A trigger's body is the operator's, and what they call id is the ticket's.
  const ticket = { id: "35436", status: "open" };
  const [first, second] = ["inv-1", "inv-2"].map((id) => read("zendesk", ticket, invocation(id))[0]?.id);
  expect([first, second]).toEqual(["inv-1", "inv-2"]);
  expect(read("zendesk", { ...ticket, zendesk_event_version: "2022-06-20" }, invocation("inv-3"))[0]?.id).toBe("35436");
  // In the first form of Pipedrive's events meta.id is the record's, in the second the event's.
  const v1 = {
    current: { id: 7, name: "a" },
    meta: { id: 7, object: "deal", action: "updated", timestamp: 1793879997 },
  };
  const renamed = { ...v1, current: { id: 7, name: "b" } };
  expect(read("pipedrive", v1)[0]?.id).not.toBe(read("pipedrive", renamed)[0]?.id);
});

test("forms are read where their sender writes them, and a field that comes twice is refused", () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  expect(read("slack", "command=%2Fx&trigger_id=1", { headers: form })[0]).toMatchObject({ id: "1", type: "/x" });
  expect(read("github", "payload=%7B%22action%22%3A%22a%22%7D", { headers: form })[0]?.data).toEqual({ action: "a" });
  expect(() => read("slack", "a=1&a=2", { headers: form })).toThrow(UnreadableBodyError);
});

const salesforce = findSender("salesforce-outbound-message")!;
const soap = salesforce.sample.body as string;
const judgeSoap = (body: string, secret = "00D0Y000000abcdUAA") =>
  verify(salesforce, { ...sampleRequest(salesforce), body: Buffer.from(body) }, [secret], 0);

test("a message is of the organisation that it names once, in 15 or 18 characters", () => {
  expect(judgeSoap(soap)).toMatchObject({ ok: true });
  expect(judgeSoap(soap, "00D0Y000000abcd")).toMatchObject({ ok: true });
  expect(judgeSoap(soap.replace("00D0Y000000abcdUAA", "00D0Y000000abcd"))).toMatchObject({ ok: true });
  expect(judgeSoap(soap, "00D0Y000000ABCD")).toMatchObject({ ok: false });
});

test.each([
  ["a document type", (xml: string) => `<!DOCTYPE a []>${xml.replace(/^<\?xml.*?\?>/, "")}`],
  ["an entity of its own", (xml: string) => xml.replace("Byron", "&lol;")],
  [
    "a second organisation",
    (xml: string) => xml.replace("<ActionId>", "<OrganizationId>00D0Y000000abcdUAA</OrganizationId><ActionId>"),
  ],
  [
    "a second one within a record",
    (xml: string) => xml.replace("<sf:Email>", "<sf:OrganizationId>x</sf:OrganizationId><sf:Email>"),
  ],
  [
    "the organisation in another namespace",
    (xml: string) =>
      xml
        .replace(/OrganizationId>/g, "OrganizationId >")
        .replace("<OrganizationId >", '<OrganizationId xmlns="urn:x">'),
  ],
  ["an element that is never closed", (xml: string) => xml.replace("</sf:Email>", "")],
  ["something after its end", (xml: string) => `${xml}<more/>`],
  ["nothing at all", () => ""],
])("a message with %s is not authentic", (_, change) => {
  expect(judgeSoap(change(soap))).toMatchObject({ ok: false });
});

test("a record keeps its texts, what is nil is null, and the session's id is forgotten", () => {
  const body = soap
    .replace('<SessionId xsi:nil="true"/>', "<SessionId>00D!secret</SessionId>")
    .replace("<sf:Email>", '<sf:Fax xsi:nil="true"/><sf:Note>a &amp; b</sf:Note><sf:Email>');
  const [event] = readEvents(salesforce, { ...sampleRequest(salesforce), body: Buffer.from(body) }, "s");
  expect(event).toMatchObject({ id: "04l0Y00000pQ0001QAJ", type: "Contact", time: "2026-11-05T11:59:57.000Z" });
  expect(event?.data).toMatchObject({ type: "Contact", Fax: null, Note: "a & b", Email: "ada@example.com" });
  expect(JSON.stringify(event)).not.toContain("secret");
});
