import { findScheme, type Scheme } from "@sluice/event";
import request from "supertest";
import { expect, test } from "vitest";
import { NOW_MS, openDoor } from "../door.fixture.ts";
import { createHandedSecrets, placesInMemory } from "./handed-secrets.ts";
import { LIMITS } from "../limits.ts";

const named = (name: string): Scheme => findScheme(name) as Scheme;
const secrets = (...values: string[]) => values.map((value, index) => ({ value, number: index + 1, notAfterMs: null }));

function doorOf(name: string, ...values: string[]) {
  return openDoor({ source: { scheme: named(name), secrets: secrets(...values) } });
}

test("WooCommerce's ping is answered with exactly 200 and nothing", async () => {
  const ping = request(doorOf("woocommerce", "s").app).post("/webhooks/shop").type("form").send("webhook_id=142");
  const { status, text } = await ping;
  expect([status, text]).toEqual([200, ""]);
});

test("Event Grid's validation is answered with its code, in JSON", async () => {
  const validation = [
    {
      id: "1",
      eventType: "Microsoft.EventGrid.SubscriptionValidationEvent",
      data: { validationCode: "512d38b6-c7b8-40c8-89fe-f46f9e9622b6" },
    },
  ];
  const response = await request(doorOf("azure-event-grid", "k").app).post("/webhooks/shop").send(validation);
  expect([response.status, response.body]).toEqual([
    200,
    { validationResponse: "512d38b6-c7b8-40c8-89fe-f46f9e9622b6" },
  ]);
});

test("Slack's challenge is given back only to Slack", async () => {
  const response = await request(doorOf("slack", "s").app)
    .post("/webhooks/shop")
    .set({ "x-slack-request-timestamp": String(NOW_MS / 1_000), "x-slack-signature": "v0=00" })
    .send({ type: "url_verification", challenge: "abc" });
  expect(response.status).toBe(401);
  expect(response.text).not.toContain("abc");
});

test("SAP's OPTIONS without its credentials is refused, and consents to nothing", async () => {
  const response = await request(doorOf("sap-event-mesh", "sluice:pw").app)
    .options("/webhooks/shop")
    .set("webhook-request-origin", "eu10.eventmesh.integration.cloud.sap");
  expect(response.status).toBe(401);
  expect(response.headers).not.toHaveProperty("webhook-allowed-origin");
});

test("what a handshake gives back is no page for a browser", async () => {
  const { app } = doorOf("business-central", "s");
  const script = "<script>alert(1)</script>";
  const response = await request(app).post("/webhooks/shop").query({ validationToken: script });
  expect(response.headers["content-type"]).toBe("text/plain");
  expect(response.headers["x-content-type-options"]).toBe("nosniff");
  const split = await request(app).post("/webhooks/shop?validationToken=a%0d%0aset-cookie:x");
  expect(split.text).not.toContain("set-cookie");
});

test("Asana's secret is taken once, given back and used from then on; a second one is refused", async () => {
  const door = doorOf("asana");
  const hand = (secret: string) => request(door.app).post("/webhooks/shop").set("x-hook-secret", secret).send();
  const first = await hand("b537207f20cbfa02");
  expect([first.status, first.headers["x-hook-secret"], first.text]).toEqual([200, "b537207f20cbfa02", ""]);
  const planted = await hand("planted");
  expect([planted.status, planted.headers["x-hook-secret"]]).toEqual([401, undefined]);
  const { sign } = await import("@sluice/event");
  const body = Buffer.from(
    '{"events":[{"created_at":"2026-11-05T11:59:57.041Z","action":"changed","resource":{"gid":"1"}}]}',
  );
  const deliver = (secret: string) => {
    const unsigned = { method: "POST", url: "", path: "", headers: new Map(), body };
    return request(door.app)
      .post("/webhooks/shop")
      .set({ "content-type": "application/json", ...sign(named("asana"), unsigned, secret, NOW_MS) })
      .send(body.toString());
  };
  expect((await deliver("b537207f20cbfa02")).status).toBe(200);
  expect((await deliver("planted")).status).toBe(401);
  expect(door.admitted).toHaveLength(1);
});

test("Notion's token is the body's only member, is taken once, and is given back to nobody", async () => {
  const door = doorOf("notion");
  const hand = (body: object) => request(door.app).post("/webhooks/shop").send(body);
  const first = await hand({ verification_token: "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl" });
  expect([first.status, first.text]).toEqual([200, ""]);
  expect((await hand({ verification_token: "planted" })).status).toBe(401);
  expect((await hand({ verification_token: "planted", more: 1 })).status).toBe(401);
  const { sign } = await import("@sluice/event");
  const body = '{"id":"e-1","timestamp":"2026-11-05T11:59:57.123Z","type":"page.created","entity":{"id":"p-1"}}';
  const deliver = (secret: string) => {
    const unsigned = { method: "POST", url: "", path: "", headers: new Map(), body: Buffer.from(body) };
    const headers = sign(named("notion"), unsigned, secret, NOW_MS);
    return request(door.app).post("/webhooks/shop").type("json").set(headers).send(body);
  };
  expect((await deliver("secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl")).status).toBe(200);
  expect((await deliver("planted")).status).toBe(401);
  expect(door.admitted).toHaveLength(1);
});

test("a source with a secret in its configuration awaits none", async () => {
  const response = await request(doorOf("asana", "mine").app).post("/webhooks/shop").set("x-hook-secret", "b5").send();
  expect(response.status).toBe(401);
});

test("a secret is awaited for an hour after the start, and the one that was taken stays", async () => {
  let nowMs = NOW_MS;
  const places = placesInMemory();
  const handed = createHandedSecrets({ nowMs: () => nowMs }, places);
  nowMs += LIMITS.handoverMs + 1;
  expect(await handed.take("asana", "late")).toBe(false);
  const restarted = createHandedSecrets({ nowMs: () => nowMs }, places);
  expect(await restarted.take("asana", "first")).toBe(true);
  const another = createHandedSecrets({ nowMs: () => nowMs }, places);
  expect(await another.of("asana")).toBe("first");
  expect(await another.take("asana", "second")).toBe(false);
});

test("Intercom asks with HEAD whether the URL is there, and hears 200; where nobody asks so it is no method", async () => {
  expect((await request(doorOf("intercom", "s").app).head("/webhooks/shop")).status).toBe(200);
  expect((await request(doorOf("stripe", "s").app).head("/webhooks/shop")).status).toBe(405);
});

test("a CloudEvents sender that asks for no rate is told that any will do", async () => {
  const asked = request(doorOf("cloudevents", "s").app).options("/webhooks/shop");
  const response = await asked.set("webhook-request-origin", "events.example.com");
  expect([response.status, response.headers["webhook-allowed-rate"]]).toEqual([200, "*"]);
});
