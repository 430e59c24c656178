import { expect, test } from "vitest";
import { findScheme, senders } from "../catalog.ts";
import type { Event, Json } from "../event.ts";
import { identityWarnings } from "./identity-warnings.ts";
import { readEvents } from "./read-events.ts";
import { readScheme } from "../written-schemes/read-scheme.ts";
import type { WebhookRequest } from "../request.ts";
import type { Scheme } from "../scheme.ts";

type Members = { readonly [member: string]: Json };

function read(
  scheme: Scheme | string,
  body: Json,
  headers: { readonly [name: string]: string } = {},
): readonly Event[] {
  const request: WebhookRequest = {
    method: "POST",
    url: "https://in.example.com/webhooks/x",
    path: "/webhooks/x",
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: Buffer.from(JSON.stringify(body)),
  };
  return readEvents(typeof scheme === "string" ? (findScheme(scheme) as Scheme) : scheme, request, "s");
}

const idOf = (...given: Parameters<typeof read>): string => read(...given)[0]!.id;

/** Two changes of one record that share its modified time, as a sender without ids for its events writes them. */
const SHARED_TIME: readonly { readonly scheme: string; readonly body: Members; readonly other: Members }[] = [
  {
    scheme: "odoo",
    body: { _action: "a", _model: "res.partner", _id: 14, write_date: "2026-11-05 11:59:57.482113", phone: "1" },
    other: { phone: "2" },
  },
  {
    scheme: "frappe",
    body: { doctype: "Customer", name: "C-1", modified: "2026-11-05 11:59:57.482113", email_id: "a@example.com" },
    other: { email_id: "b@example.com" },
  },
  {
    scheme: "freshworks",
    body: { type: "contact.updated", external_id: "C-1", updated_at: "2026-11-05T11:59:57Z", contact: { phone: "1" } },
    other: { contact: { phone: "2" } },
  },
  {
    scheme: "workday",
    body: { id: "w-1", action: "worker.updated", moment: "2026-11-05T11:59:57Z", worker: { phone: "1" } },
    other: { worker: { phone: "2" } },
  },
  {
    scheme: "pipedrive",
    body: { current: { id: 7, name: "a" }, meta: { id: 7, webhook_id: 1, timestamp_micro: 1_793_879_997_426_113 } },
    other: { current: { id: 7, name: "b" } },
  },
  {
    scheme: "zoho-crm",
    body: { ids: ["1"], channel_id: "c", server_time: 1_793_879_998_473, operation: "update", affected_values: [] },
    other: { affected_values: [{ record_id: "1", values: { Email: "b@example.com" } }] },
  },
  {
    scheme: "woocommerce",
    body: { id: 9100, date_modified_gmt: "2026-11-05T11:59:58", total: "10.00" },
    other: { total: "35.00" },
  },
];

test.each(SHARED_TIME)(
  "$scheme: two changes with one modified time are two events, and a repetition is none",
  (each) => {
    const { scheme, body, other } = each;
    expect(idOf(scheme, { ...body, ...other })).not.toBe(idOf(scheme, body));
    expect(idOf(scheme, { ...body })).toBe(idOf(scheme, body));
  },
);

test("no scheme takes what names a record and its modified time for an event's id", () => {
  const ofTime = senders().flatMap(({ name, event: { id, time, version = [] } }) =>
    [...time, ...version].filter(({ from }) => id.some((template) => template.includes(from))).map(() => name),
  );
  // HubSpot's `eventId` is the sender's; it is not unique alone, and the time that goes with it is the event's own.
  expect([...new Set(ofTime)]).toEqual(["hubspot-v3", "hubspot-v2", "hubspot-v1"]);
});

test("WooCommerce: an order whose modified time stays as it is goes from 10 to 35 and back in three events", () => {
  const order = (total: string): Json => ({ id: 9100, date_modified_gmt: "2026-11-05T11:59:58", total });
  const delivery = (id: string) => ({ "x-wc-webhook-topic": "order.updated", "x-wc-webhook-delivery-id": id });
  const ids = [
    idOf("woocommerce", order("10.00"), delivery("d1")),
    idOf("woocommerce", order("35.00"), delivery("d2")),
    idOf("woocommerce", order("10.00"), delivery("d3")),
    // The delivery's id is made of webhook and second, so two orders may share it.
    idOf("woocommerce", { id: 9101, date_modified_gmt: "2026-11-05T11:59:58" }, delivery("d3")),
  ];
  expect(new Set(ids).size).toBe(4);
});

test("Shopify: when each webhook was triggered orders three of one `updated_at`, whatever their ids", () => {
  const webhooks = [
    ["orders/create", "c", "2026-11-05T11:59:58.100Z"],
    ["orders/updated", "b", "2026-11-05T11:59:58.400Z"],
    ["orders/paid", "a", "2026-11-05T11:59:58.900Z"],
  ] as const;
  const events = webhooks.flatMap(([topic, id, triggered]) =>
    read(
      "shopify",
      { id: 1, updated_at: "2026-11-05T11:59:58Z" },
      { "x-shopify-topic": topic, "x-shopify-webhook-id": id, "x-shopify-triggered-at": triggered },
    ),
  );
  expect(new Set(events.map(({ version }) => version))).toEqual(new Set(["2026-11-05T11:59:58Z"]));
  expect(events.map(({ finer }) => finer)).toEqual(webhooks.map(([, , triggered]) => triggered));
});

const NIL = "00000000-0000-0000-0000-000000000000";

test("Dataverse: the nil OperationId of a synchronous step is no id: two changes in a day are two events", () => {
  const change = (OperationId: string, created: number, phone: string): Json => ({
    MessageName: "Update",
    PrimaryEntityName: "contact",
    PrimaryEntityId: "c-1",
    OperationId,
    OperationCreatedOn: `/Date(${created})/`,
    InputParameters: [
      {
        key: "Target",
        value: {
          Attributes: [
            { key: "telephone1", value: phone },
            { key: "modifiedon", value: "/Date(1793879997000)/" },
          ],
        },
      },
    ],
  });
  const first = idOf("dataverse", change(NIL, -62_135_596_800_000, "1"));
  expect(idOf("dataverse", change(NIL, -62_135_596_800_000, "2"))).not.toBe(first);
  expect(first).toMatch(/^sha256:/);
  const job = change("4af10637-4ea2-e711-8122-000d3aa2331c", 1_793_879_997_412, "1");
  expect(read("dataverse", job)[0]).toMatchObject({
    id: "4af10637-4ea2-e711-8122-000d3aa2331c",
    time: "2026-11-05T11:59:57.000Z",
    finer: "2026-11-05T11:59:57.412Z",
  });
});

test("CloudEvents in binary mode: ids `a%2Fb` and `a/b`, of which one is no escape, are two events", () => {
  const event = (id: string) => ({
    "ce-specversion": "1.0",
    "ce-id": id,
    "ce-source": "/crm",
    "ce-type": "t%20u",
    "content-type": "application/json",
  });
  expect(read("cloudevents", {}, event("a%2Fb"))[0]).toMatchObject({ id: "/crm a%2Fb", type: "t u" });
  expect(idOf("cloudevents", {}, event("a/b"))).toBe("/crm a/b");
});

test("svix: the id of a message is its event's in both spellings of the headers", () => {
  const ids = ["svix-id", "webhook-id"].map((header) => read("svix", { type: "a" }, { [header]: "msg_1" })[0]?.id);
  expect(ids).toEqual(["msg_1", "msg_1"]);
});

test("Business Central: a subscription that was renewed between two attempts makes no second event", () => {
  const notification = (expirationDateTime: string): Json => ({
    value: [{ resource: "customers(1)", changeType: "updated", expirationDateTime }],
  });
  expect(idOf("business-central", notification("2026-11-08T12:00:00Z"))).toBe(
    idOf("business-central", notification("2026-11-11T12:00:00Z")),
  );
});

test("the time of an attempt is nobody's: it neither orders events nor makes ids", () => {
  const attempt = { "x-zendesk-webhook-signature-timestamp": "2026-11-05T12:00:00Z" };
  const later = { "x-zendesk-webhook-signature-timestamp": "2026-11-05T12:05:00Z" };
  const [event] = read("zendesk", { status: "open" }, attempt);
  expect(event?.time).toBeNull();
  expect(event).not.toHaveProperty("finer");
  expect(idOf("zendesk", { status: "open" }, later)).toBe(event?.id);
  for (const sender of senders()) {
    expect(identityWarnings(sender), sender.name).toEqual([]);
  }
});

const signed = (event: { readonly [name: string]: unknown }): Scheme =>
  readScheme({
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["x-s"], encoding: "hex" },
    content: "{ts}.{body}",
    ts: { header: "x-t", unit: "s", toleranceSec: 300 },
    event,
  });

test("a written-out scheme may name a finer time, what differs between attempts and what names a delivery", () => {
  const scheme = signed({
    id: [],
    time: "{event.modified}",
    finer: { from: "{event.at}", unit: "ms" },
    volatile: ["try", "meta.sent"],
    delivery: "{header:x-d}",
  });
  const body = { modified: "2026-11-05T11:59:57Z", at: 1_793_879_997_412, try: 1, meta: { sent: 1, n: 1 } };
  expect(read(scheme, body)[0]?.finer).toBe("2026-11-05T11:59:57.412Z");
  const id = idOf(scheme, body, { "x-d": "1" });
  expect(idOf(scheme, { ...body, try: 2, meta: { sent: 2, n: 1 } }, { "x-d": "1" })).toBe(id);
  expect(idOf(scheme, { ...body, meta: { sent: 1, n: 2 } }, { "x-d": "1" })).not.toBe(id);
  expect(idOf(scheme, body, { "x-d": "2" })).not.toBe(id);
  expect(read(signed({ time: "{event.modified}", finer: [] }), body)[0]).not.toHaveProperty("finer");
});

test("a written-out scheme that takes its time from the header of the attempt is warned about, and gets no finer time", () => {
  const time = [{ from: "{header:x-t}", unit: "s" }];
  const scheme = signed({ time });
  expect(identityWarnings(scheme)).toEqual([expect.stringContaining("`x-t`, which is the attempt's")]);
  const [event] = read(scheme, { event_id: "1" }, { "x-t": "1793879997" });
  expect(event).toMatchObject({ time: "2026-11-05T11:59:57Z" });
  expect(event).not.toHaveProperty("finer");
});

test("a scheme whose events have neither an id nor a time nor a version is warned about", () => {
  expect(identityWarnings(signed({ id: [], time: [] }))).toEqual([expect.stringContaining("neither an id nor a time")]);
  expect(identityWarnings(signed({ id: [], time: [], version: "{event.n}" }))).toEqual([]);
  expect(identityWarnings(signed({ id: [], time: [], delivery: "{header:x-d}" }))).toEqual([]);
});
