import { expect, test } from "vitest";
import { findScheme } from "../catalog.ts";
import type { Json } from "../event.ts";
import { readEvents } from "./read-events.ts";
import { readScheme } from "../written-schemes/read-scheme.ts";
import type { WebhookRequest } from "../request.ts";
import type { Scheme } from "../scheme.ts";
import { UnreadableBodyError } from "../body/unreadable-body.ts";

const named = (name: string): Scheme => findScheme(name) as Scheme;

function requestOf(body: Json, headers: { readonly [name: string]: string | string[] } = {}): WebhookRequest {
  return {
    method: "POST",
    url: "https://in.example.com/webhooks/crm",
    path: "/webhooks/crm",
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value].flat()])),
    body: Buffer.from(JSON.stringify(body)),
  };
}

const change = (objectId: number, propertyValue: string, occurredAt = 1_793_879_997_311) => ({
  eventId: 3_816_279_340,
  subscriptionId: 25,
  portalId: 33,
  occurredAt,
  subscriptionType: "contact.propertyChange",
  objectId,
  propertyName: "email",
  propertyValue,
});

test("a HubSpot batch becomes one event for each element, in order", () => {
  const batch = [change(1, "a@example.com"), change(2, "b@example.com")];
  expect(readEvents(named("hubspot"), requestOf(batch), "hub")).toEqual([
    {
      id: "33:25:3816279340:1:1793879997311",
      type: "contact.propertyChange",
      time: "2026-11-05T11:59:57.311Z",
      finer: "2026-11-05T11:59:57.311Z",
      source: "hub",
      data: batch[0],
      headers: {},
    },
    expect.objectContaining({ id: "33:25:3816279340:2:1793879997311", data: batch[1] }),
  ]);
});

test("one odd element refuses the whole batch", () => {
  const request = requestOf([change(1, "a@example.com"), "odd"]);
  expect(() => readEvents(named("hubspot"), request, "hub")).toThrow(UnreadableBodyError);
  expect(() => readEvents(named("hubspot"), request, "hub")).toThrow(/Event 2 of 2/);
});

test("a HubSpot association, which has no objectId, has an identity of its own", () => {
  const { objectId: _, ...rest } = change(1, "x");
  const event = (toObjectId: number) => ({ ...rest, fromObjectId: 7, toObjectId });
  const ids = readEvents(named("hubspot"), requestOf([event(8), event(9)]), "hub").map(({ id }) => id);
  expect(ids).toEqual(["33:25:3816279340:7-8:1793879997311", "33:25:3816279340:7-9:1793879997311"]);
});

test("an empty batch holds no events", () => {
  expect(readEvents(named("hubspot"), requestOf([]), "hub")).toEqual([]);
});

test("a batch beyond the limit is refused before its events are read", () => {
  const batch = Array.from({ length: 1_001 }, (_, index) => change(index, "x"));
  expect(() => readEvents(named("hubspot"), requestOf(batch), "hub")).toThrow(/1001 events/);
});

test("Shopify's topic, time and delivery id come from its headers", () => {
  const request = requestOf(
    { id: 207_119_551, updated_at: "2026-11-05T06:59:58-05:00" },
    {
      "x-shopify-topic": "customers/update",
      "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
      "x-shopify-event-id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
      "x-shopify-triggered-at": "2026-11-05T11:59:58.812Z",
    },
  );
  expect(readEvents(named("shopify"), request, "shop")[0]).toMatchObject({
    id: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    type: "customers/update",
    time: "2026-11-05T11:59:58.812Z",
  });
});

test("Shopify's event id and the record's own time stand in for missing headers", () => {
  const request = requestOf({ id: 1, updated_at: "2026-11-05T06:59:58-05:00" }, { "x-shopify-event-id": "event-1" });
  expect(readEvents(named("shopify"), request, "shop")[0]).toMatchObject({
    id: "event-1",
    time: "2026-11-05T11:59:58Z",
  });
});

test("of a Standard Webhook mappings see the data, and the event's time rather than the attempt's", () => {
  const body = { type: "customer.updated", timestamp: "2026-11-05T11:00:00.5+00:00", data: { id: 1 } };
  const headers = { "webhook-id": "msg_1", "webhook-timestamp": "1793880000" };
  expect(readEvents(named("standard-webhooks"), requestOf(body, headers), "billing")[0]).toMatchObject({
    id: "msg_1",
    type: "customer.updated",
    time: "2026-11-05T11:00:00.5Z",
    data: { id: 1 },
  });
});

test("a Standard Webhook without data or time gives its body and no time: the attempt's orders nothing", () => {
  const headers = { "webhook-id": "msg_1", "webhook-timestamp": "1793880000" };
  expect(readEvents(named("standard-webhooks"), requestOf({ id: 1 }, headers), "billing")).toEqual([
    { id: "msg_1", type: "unknown", time: null, source: "billing", data: { id: 1 }, headers: expect.anything() },
  ]);
});

test("data that is null stays null: it is what the sender said", () => {
  const event = readEvents(named("standard-webhooks"), requestOf({ type: "x", data: null }), "billing")[0];
  expect(event?.data).toBeNull();
});

test("where the sender gives no id, equal elements share one and a later time makes another", () => {
  const generic = named("generic-hmac");
  const idOf = (body: Json, headers = {}) => readEvents(generic, requestOf(body, headers), "erp")[0]?.id;
  const first = { op: "update", price: 1, updated_at: "2026-11-05T11:00:00Z" };
  expect(idOf(first)).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(idOf({ ...first })).toBe(idOf(first));
  expect(idOf({ ...first, updated_at: "2026-11-05T11:00:01Z" })).not.toBe(idOf(first));
  expect(idOf(first, { "x-sluice-event-type": "other" })).not.toBe(idOf(first));
});

test("a record's id is not taken for its event's", () => {
  const event = readEvents(named("generic-hmac"), requestOf({ id: "C-1", price: 1 }), "erp")[0];
  expect(event?.id).toMatch(/^sha256:/);
});

test("an id of any length becomes one that can be kept", () => {
  const [event] = readEvents(named("generic-hmac"), requestOf({ event_id: "x".repeat(10_000) }), "erp");
  expect(event?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test("a 64-bit id in a body keeps its digits in the event's id", () => {
  const request = { ...requestOf({}), body: Buffer.from('{"event_id":9007199254740993}') };
  expect(readEvents(named("generic-hmac"), request, "erp")[0]?.id).toBe("9007199254740993");
});

test("mappings see the headers without credentials and signatures", () => {
  const request = requestOf(
    {},
    {
      "content-type": "application/json",
      "x-shopify-topic": ["a", "b"],
      "x-shopify-hmac-sha256": "c2VjcmV0",
      "x-hubspot-signature": "s",
      "x-hubspot-signature-v3": "s",
      authorization: "Bearer t",
      "proxy-authorization": "Basic t",
      cookie: "session=1",
      "x-api-key": "k",
      "x-gitlab-token": "t",
    },
  );
  expect(readEvents(named("shopify"), request, "shop")[0]?.headers).toEqual({
    "content-type": "application/json",
    "x-shopify-topic": "a, b",
  });
});

test("a written-out scheme splits at a path and takes identity from the body around it", () => {
  const scheme = readScheme({
    type: "bearer",
    event: {
      split: "payload.events",
      id: "{body.tenant}:{event.n}",
      type: "{event.kind}",
      time: { from: "{event.at}", unit: "s" },
      data: "{event.record}",
    },
  });
  const body = { tenant: "t1", payload: { events: [{ n: 1, kind: "created", at: 1_793_880_000, record: { a: 1 } }] } };
  expect(readEvents(scheme, requestOf(body), "own")).toEqual([
    {
      id: "t1:1",
      type: "created",
      time: "2026-11-05T12:00:00Z",
      finer: "2026-11-05T12:00:00Z",
      source: "own",
      data: { a: 1 },
      headers: {},
    },
  ]);
  expect(() => readEvents(scheme, requestOf({ payload: {} }), "own")).toThrow(/payload\.events/);
});
