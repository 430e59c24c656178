import { QueueUnavailableError } from "@sluice/queue";
import request from "supertest";
import { expect, test } from "vitest";
import { CUSTOMER, NOW_MS, openDoor, SCHEMES, schemeOf, SECRETS, send } from "./door.fixture.ts";

test.each([
  ["billing", { type: "customer.updated", timestamp: "2026-11-05T11:59:57Z", data: CUSTOMER }, {}, "msg_1"],
  ["erp", { ...CUSTOMER, event_id: "e-1" }, { "webhook-id": "e-1" }, "e-1"],
  ["shop", CUSTOMER, { "x-shopify-topic": "customers/update", "x-shopify-webhook-id": "w-1" }, "w-1"],
])(
  "a signed webhook of %s is stored and answered with 202, and means what it says",
  async (source, body, headers, id) => {
    const door = openDoor();
    const response = await send(door, source, body, { headers });
    expect(response.body).toEqual({ accepted: 1, events: [{ id, status: "accepted" }] });
    expect(response.status).toBe(202);
    expect(door.admitted).toHaveLength(1);
    expect(door.admitted[0]).toMatchObject({
      event: { id, source, time: "2026-11-05T11:59:57Z" },
      rank: Object.keys(SCHEMES).indexOf(source),
      arrival: { micros: NOW_MS * 1000, session: 1 },
      run: 0,
      changes: [{ destination: "crm", object: "customer", key: { by: "external_id", value: "7" } }],
      faults: [],
    });
  },
);

const hubspotEvent = (objectId: number) => ({
  eventId: 1,
  subscriptionId: 2,
  portalId: 3,
  objectId,
  occurredAt: NOW_MS - 1,
  subscriptionType: "contact.propertyChange",
});

test("who prefers to wait is told what became of each event, in its order", async () => {
  const door = openDoor({ admit: async () => ["accepted", "duplicate", "superseded", "ignored", "dead"] });
  const asked = { query: "?tenant=a%3Ab", headers: { prefer: "respond-async, wait=2" } };
  const response = await send(door, "hub", [1, 2, 3, 4, 5].map(hubspotEvent), asked);
  expect(response.status).toBe(202);
  expect(response.headers["preference-applied"]).toBe("wait");
  expect(response.body).toEqual({
    accepted: 3,
    duplicates: 1,
    events: [
      { id: `3:2:1:1:${NOW_MS - 1}`, status: "accepted" },
      { id: `3:2:1:2:${NOW_MS - 1}`, status: "duplicate" },
      { id: `3:2:1:3:${NOW_MS - 1}`, status: "superseded" },
      { id: `3:2:1:4:${NOW_MS - 1}`, status: "ignored" },
      { id: `3:2:1:5:${NOW_MS - 1}`, status: "dead" },
    ],
  });
  expect(await door.metric("sluice_intake_")).toContain('sluice_intake_events_total{source="hub"} 5');
  expect(await door.metric("sluice_intake_")).toContain('sluice_intake_webhooks_total{source="hub"} 1');
});

test("who does not wait is told that all of it is accepted", async () => {
  const door = openDoor({ admit: async () => ["dead", "duplicate"] });
  const response = await send(door, "hub", [1, 2].map(hubspotEvent));
  expect(response.status).toBe(202);
  expect(response.headers["preference-applied"]).toBeUndefined();
  expect(response.body).toEqual({
    accepted: 2,
    events: [1, 2].map((id) => ({ id: `3:2:1:${id}:${NOW_MS - 1}`, status: "accepted" })),
  });
});

test("a batch with one odd element is refused whole", async () => {
  const door = openDoor();
  const response = await send(door, "hub", [hubspotEvent(1), 5]);
  expect(response.status).toBe(400);
  expect(response.body.error.code).toBe("body_unreadable");
  expect(door.admitted).toEqual([]);
});

test("HubSpot's signature is checked against the registered URL, not against what the request says of itself", async () => {
  const door = openDoor();
  const forged = await send(door, "hub", [hubspotEvent(1)], { url: "https://other.example.com/webhooks/hub" }).set(
    "host",
    "other.example.com",
  );
  expect(forged.status).toBe(401);
});

test("without a registered URL the one received counts", async () => {
  const received = openDoor({ source: { publicUrl: undefined as never } });
  const url = "http://here.example.com/webhooks/hub";
  const response = await send(received, "hub", [hubspotEvent(1)], { url }).set("host", "here.example.com");
  expect(response.status).toBe(202);
});

test.each(Object.keys(SCHEMES))(
  "a body of %s that was changed on the way is refused and stores nothing",
  async (source) => {
    const door = openDoor();
    const response = await send(door, source, { id: 8 }, { signed: Buffer.from('{"id":7}') });
    expect(response.status).toBe(401);
    expect(response.body.error).toEqual({
      code: "not_authentic",
      message: "The request is not authentic",
      hint: expect.stringMatching(/secret/),
    });
    expect(door.admitted).toEqual([]);
    expect(await door.metric("sluice_events_refused_total")).toEqual([
      `sluice_events_refused_total{source="${source}",reason="signature_wrong"} 1`,
    ]);
  },
);

test("an old request that is sent again is refused", async () => {
  const response = await send(openDoor(), "billing", CUSTOMER, { atMs: NOW_MS - 301_000 });
  expect(response.status).toBe(401);
});

test("an unsigned request is refused whatever its body is: unreadable is told only to who may know", async () => {
  const door = openDoor();
  const stranger = await request(door.app).post("/webhooks/shop").set("content-type", "application/json").send("{odd");
  expect(stranger.status).toBe(401);
  const sender = await send(door, "shop", Buffer.from("{odd"));
  expect(sender.status).toBe(400);
  expect(sender.body.error).toMatchObject({ code: "body_unreadable", message: "The body is not JSON" });
  expect(door.admitted).toEqual([]);
});

test("an unknown source is 404, and its name becomes no label", async () => {
  const door = openDoor();
  for (const name of ["a", "b", "__proto__", "constructor", "a%20b"]) {
    const response = await request(door.app).post(`/webhooks/${name}`).send({});
    expect([name, response.status, response.body.error.code]).toEqual([name, 404, "source_unknown"]);
  }
  expect(await door.metric("sluice_events_refused_total")).toEqual([
    'sluice_events_refused_total{source="unknown",reason="source_unknown"} 5',
  ]);
});

test.each(["/", "/webhooks", "/webhooks/", "/webhooks/shop/more", "/webhooks/%E0%A4%A"])(
  "%s is nobody's, and says so in JSON",
  async (path) => {
    const response = await request(openDoor().app).post(path).send({});
    expect([response.status, response.body.error?.code]).toEqual([404, "source_unknown"]);
  },
);

test.each(["get", "put", "delete", "options"] as const)("%s is not what webhooks come with", async (method) => {
  const response = await request(openDoor().app)[method]("/webhooks/shop");
  expect([response.status, response.headers["allow"]]).toEqual([405, "POST"]);
});

test("when nothing can be stored nothing is acknowledged, and the sender is told when to come back", async () => {
  const door = openDoor({
    admit: async () => {
      throw new QueueUnavailableError("redis://user:hidden@10.0.0.1 is away");
    },
  });
  const response = await send(door, "shop", CUSTOMER);
  expect(response.status).toBe(503);
  expect(response.headers["retry-after"]).toBe("5");
  expect(response.body.error.code).toBe("queue_unavailable");
  expect(response.text).not.toContain("10.0.0.1");
  expect(await door.metric("sluice_intake_events_total{")).toEqual([]);
});

test("a process that stops takes nothing more and lets go of the connection", async () => {
  const door = openDoor({ stopping: true });
  const response = await send(door, "shop", CUSTOMER);
  expect([response.status, response.body.error.code]).toEqual([503, "shutting_down"]);
  expect(response.headers["retry-after"]).toBe("1");
  expect(response.headers["connection"]).toBe("close");
  expect(door.admitted).toEqual([]);
});

test("a fault of our own is a 500 that tells the sender nothing and the log everything", async () => {
  const door = openDoor({
    admit: async () => {
      throw new TypeError("something inner");
    },
  });
  const response = await send(door, "shop", CUSTOMER);
  expect([response.status, response.body.error.code]).toEqual([500, "internal"]);
  expect(response.text).not.toContain("inner");
  expect(door.lines.join("")).toContain("something inner");
});

test("a mapping that fails is no matter of the door: it is stored, and who waits is told", async () => {
  const door = openDoor({ admit: async () => ["dead"] });
  const body = { event_id: "e-9", updated_at: "2026-11-05T11:59:57Z" };
  const response = await send(door, "erp", body, { headers: { prefer: "wait=1" } });
  expect(response.status).toBe(202);
  expect(response.body.events).toEqual([{ id: "msg_1", status: "dead" }]);
  expect(door.admitted[0]).toMatchObject({ changes: [], faults: [{ destination: "crm", object: "customer" }] });
});

test("the log has one line for each request, which secret it was made with, and no secret", async () => {
  const door = openDoor();
  await send(door, "shop", CUSTOMER);
  await send(door, "shop", CUSTOMER, { signed: Buffer.from("other") });
  const entries = door.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries).toEqual([
    expect.objectContaining({ source: "shop", status: 202, events: { accepted: 1 }, secretNumber: 2 }),
    expect.objectContaining({ source: "shop", status: 401, code: "not_authentic", reason: "signature_wrong" }),
  ]);
  const [accepted] = door.admitted;
  expect(JSON.stringify(accepted?.event)).not.toMatch(/hmac/);
  expect(door.lines.join("")).not.toContain(SECRETS["shop"]);
});

test("a secret is refused after its time, and the metrics say by its number which one still matches", async () => {
  const rotation = (notAfterMs: number) => ({
    secrets: ["the-next-secret", SECRETS["shop"]!].map((value, index) => ({
      value,
      number: index + 1,
      notAfterMs: index === 0 ? null : notAfterMs,
    })),
  });
  const during = openDoor({ source: rotation(NOW_MS) });
  expect((await send(during, "shop", CUSTOMER)).status).toBe(202);
  expect(await during.metric("sluice_secret_matches_total{")).toEqual([
    'sluice_secret_matches_total{source="shop",secret="2"} 1',
  ]);
  expect((await during.metric("sluice_secret")).join("\n")).not.toContain(SECRETS["shop"]);
  const after = openDoor({ source: rotation(NOW_MS - 1) });
  expect((await send(after, "shop", CUSTOMER)).status).toBe(401);
  expect(await after.metric("sluice_secret_matches_total{")).toEqual([]);
});

test("answers carry no cookie, no etag and no name of the server", async () => {
  const { headers } = await send(openDoor(), "shop", CUSTOMER);
  expect(Object.keys(headers).toSorted()).toEqual(["connection", "content-length", "content-type", "date"]);
});

test.each([
  ["success", 200, { success: { status: 200, body: "none" } }, {}],
  ["notAuthentic", 403, { notAuthentic: { status: 403, body: "none" } }, { signed: Buffer.from("other") }],
] as const)("a scheme's own reply stands in for %s", async (_, status, reply, sending) => {
  const door = openDoor({ source: { scheme: { ...schemeOf("shop"), reply } } });
  const response = await send(door, "shop", CUSTOMER, sending);
  expect([response.status, response.text]).toEqual([status, ""]);
});
