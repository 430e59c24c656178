import { findScheme, signRequest, type Scheme, type WebhookRequest } from "@sluice/event";
import { QueueUnavailableError } from "@sluice/queue";
import request from "supertest";
import { expect, test } from "vitest";
import { NOW_MS, openDoor } from "../door.fixture.ts";

const PUBLIC = "https://in.example.com/webhooks/shop";
const named = (name: string): Scheme => findScheme(name) as Scheme;

type Kind = "good" | "forged" | "unreadable" | "overload";

const SECRETS: Readonly<Record<string, string>> = {
  "business-central": "state",
  "hubspot-v2": "client-secret",
  intercom: "client-secret",
  quickbooks: "verifier",
  woocommerce: "secret",
  xero: "key",
};
const BODIES: Readonly<Record<string, object>> = {
  "business-central": { value: [{ clientState: "", subscriptionId: "s", resource: "r", changeType: "updated" }] },
  "hubspot-v2": [{ objectId: 1, subscriptionType: "contact.creation" }],
  intercom: { id: "n", topic: "contact.user.updated", data: { item: { id: "7" } } },
  quickbooks: [{ id: "1", type: "qbo.customer.updated.v1", intuitaccountid: "2" }],
  woocommerce: { id: 1 },
  xero: { events: [] },
};

/** One request as the sender makes it, and what the door says to it. */
async function ask(name: string, kind: Kind) {
  const secret = SECRETS[name] ?? "";
  const door = openDoor({
    source: { scheme: named(name), secrets: [{ value: secret, number: 1, notAfterMs: null }], publicUrl: PUBLIC },
    ...(kind === "overload"
      ? {
          admit: async () => {
            throw new QueueUnavailableError("away");
          },
        }
      : {}),
  });
  const unsigned: WebhookRequest = {
    method: "POST",
    url: PUBLIC,
    path: "/webhooks/shop",
    headers: new Map([["content-type", ["application/json"]]]),
    body: Buffer.from(kind === "unreadable" && name !== "business-central" ? "{odd" : JSON.stringify(BODIES[name])),
  };
  const signed = signRequest(named(name), unsigned, kind === "forged" ? `${secret}x` : secret, NOW_MS);
  const body = kind === "unreadable" ? Buffer.from(signed.body).toString().replace(/\]/, "") : Buffer.from(signed.body);
  const headers = Object.fromEntries([...signed.headers].map(([header, values]) => [header, values.join(", ")]));
  const response = await request(door.app)
    .post("/webhooks/shop")
    .set(headers)
    .serialize((raw: unknown) => raw as string)
    .send(body);
  return { status: response.status, text: response.text, retryAfter: response.headers["retry-after"], door };
}

test.each([
  ["business-central", "good", 200, ""],
  ["business-central", "forged", 200, ""],
  ["business-central", "unreadable", 200, ""],
  ["business-central", "overload", 503, /queue_unavailable/],
  ["quickbooks", "good", 200, ""],
  ["quickbooks", "forged", 403, ""],
  ["quickbooks", "unreadable", 200, ""],
  ["xero", "good", 200, ""],
  ["xero", "forged", 401, ""],
  ["woocommerce", "good", 200, ""],
  ["woocommerce", "forged", 401, /not_authentic/],
  ["intercom", "overload", 429, /queue_unavailable/],
  ["hubspot-v2", "overload", 429, /queue_unavailable/],
] as const)("%s hears of a request that is %s: %i", async (name, kind, status, text) => {
  const heard = await ask(name, kind);
  expect(heard.status).toBe(status);
  expect(heard.text).toMatch(text === "" ? /^$/ : text);
  expect(heard.door.admitted.length === 0 || kind === "good" || kind === "overload").toBe(true);
});

test("HubSpot's workflows read Retry-After as milliseconds, others as seconds", async () => {
  expect((await ask("hubspot-v2", "overload")).retryAfter).toBe("5000");
  expect((await ask("intercom", "overload")).retryAfter).toBe("5");
});

test("Business Central sees no plain 4xx even for what is too large or comes by another method", async () => {
  const { door } = await ask("business-central", "good");
  const large = await request(door.app)
    .post("/webhooks/shop")
    .send({ value: "x".repeat(3_000) });
  const deleted = await request(door.app).delete("/webhooks/shop");
  expect([large.status, deleted.status]).toEqual([200, 200]);
  expect(await door.metric("sluice_events_refused_total")).toEqual([
    'sluice_events_refused_total{source="shop",reason="body_too_large"} 1',
    'sluice_events_refused_total{source="shop",reason="method_refused"} 1',
  ]);
});

test("a token that stands in the registered URL authenticates nobody", async () => {
  const door = openDoor({
    source: {
      scheme: named("odoo"),
      secrets: [{ value: "k1", number: 1, notAfterMs: null }],
      publicUrl: `${PUBLIC}?k=k1`,
    },
  });
  const send = (query: string) => request(door.app).post(`/webhooks/shop${query}`).send({ _id: 1, id: 7 });
  expect((await send("")).status).toBe(401);
  expect((await send("?k=k2")).status).toBe(401);
  expect((await send("?k=k1")).status).toBe(200);
});
