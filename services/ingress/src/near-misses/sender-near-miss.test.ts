import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { findSender, senders } from "@sluice/event";
import request from "supertest";
import { expect, test } from "vitest";
import { openDoor } from "../door.fixture.ts";
import { base64, hmac, judge, near, NOW_SECONDS, TEXT, type NearMiss } from "./near-miss.fixture.ts";

const ed = generateKeyPairSync("ed25519");
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const otherRsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = (key: KeyObject) => key.export({ type: "spki", format: "pem" }).toString();
const WHPK = `whpk_${base64(Buffer.from(ed.publicKey.export({ format: "jwk" }).x ?? "", "base64url"))}`;
const v1a = (ts: string = String(NOW_SECONDS), id = "msg_1", body = TEXT) =>
  sign(null, Buffer.from(`${id}.${ts}.${body}`), ed.privateKey).toString("base64");
const edHeaders = (signature: string | string[], ts = String(NOW_SECONDS)) => ({
  "webhook-id": "msg_1",
  "webhook-timestamp": ts,
  "webhook-signature": signature,
});
const edRow = (why: string, ok: boolean, signature: string | string[], ts?: string, secrets = [WHPK]): NearMiss =>
  near("standard-webhooks-ed25519", why, ok, secrets, edHeaders(signature, ts));
const ED25519: readonly NearMiss[] = [
  edRow("one good v1a", true, `v1a,${v1a()}`),
  edRow("a v1a under v1", false, `v1,${v1a()}`),
  edRow("a bad v1a before a good one", true, `v1a,${base64(Buffer.alloc(64, 7))} v1a,${v1a()}`),
  edRow("a v1 before it", true, `v1,${hmac("k", "x", "base64")} v1a,${v1a()}`),
  edRow("300 s ahead", true, `v1a,${v1a(String(NOW_SECONDS + 300))}`, String(NOW_SECONDS + 300)),
  edRow("301 s ahead", false, `v1a,${v1a(String(NOW_SECONDS + 301))}`, String(NOW_SECONDS + 301)),
  edRow("300 s old", true, `v1a,${v1a(String(NOW_SECONDS - 300))}`, String(NOW_SECONDS - 300)),
  edRow("301 s old", false, `v1a,${v1a(String(NOW_SECONDS - 301))}`, String(NOW_SECONDS - 301)),
  edRow("half a signature", false, `v1a,${base64(Buffer.from(v1a(), "base64").subarray(0, 32))}`),
  edRow("base64url", false, `v1a,${Buffer.from(v1a(), "base64").toString("base64url")}`),
  edRow("the header twice", false, [`v1a,${v1a()}`, `v1a,${v1a()}`]),
  edRow("the second key", true, `v1a,${v1a()}`, undefined, [`whpk_${base64(Buffer.alloc(32, 9))}`, WHPK]),
  edRow("the key without whpk_", true, `v1a,${v1a()}`, undefined, [WHPK.slice("whpk_".length)]),
];

const rsaSign = (key: KeyObject, text: string, algorithm = "RSA-SHA256") =>
  sign(algorithm, Buffer.from(text), key).toString("base64");
const commerce = (why: string, ok: boolean, signature: string | string[], secrets = [pem(rsa.publicKey)]): NearMiss =>
  near("adobe-commerce-webhooks", why, ok, secrets, { "x-adobe-commerce-webhook-signature": signature });
const io = (why: string, ok: boolean, headers: NearMiss[3]["headers"], secrets = [pem(rsa.publicKey)]): NearMiss =>
  near("adobe-io-events", why, ok, secrets, headers);
const good = rsaSign(rsa.privateKey, TEXT);
const ADOBE: readonly NearMiss[] = [
  commerce("the base64 text of the body", true, rsaSign(rsa.privateKey, base64(TEXT))),
  commerce("the body itself", false, good),
  commerce("SHA-1", false, rsaSign(rsa.privateKey, base64(TEXT), "RSA-SHA1")),
  commerce("base64url", false, Buffer.from(rsaSign(rsa.privateKey, base64(TEXT)), "base64").toString("base64url")),
  commerce("hex", false, Buffer.from(rsaSign(rsa.privateKey, base64(TEXT)), "base64").toString("hex")),
  commerce("an HMAC with the public key", false, hmac(pem(rsa.publicKey), base64(TEXT), "base64")),
  commerce("the second of two keys in one secret", true, rsaSign(rsa.privateKey, base64(TEXT)), [
    pem(otherRsa.publicKey) + pem(rsa.publicKey),
  ]),
  commerce("the second secret", true, rsaSign(rsa.privateKey, base64(TEXT)), [
    pem(otherRsa.publicKey),
    pem(rsa.publicKey),
  ]),
  commerce("the header twice", false, [rsaSign(rsa.privateKey, base64(TEXT)), rsaSign(rsa.privateKey, base64(TEXT))]),
  io("the first signature alone", true, { "x-adobe-digital-signature-1": good }),
  io("the second signature alone", true, { "x-adobe-digital-signature-2": good }),
  io("a bad first and a good second", true, {
    "x-adobe-digital-signature-1": "AAAA",
    "x-adobe-digital-signature-2": good,
  }),
  io("the first twice beside a good second", false, {
    "x-adobe-digital-signature-1": [good, good],
    "x-adobe-digital-signature-2": good,
  }),
  io("the older header", false, { "x-adobe-signature": good }),
  io("the base64 text of the body", false, { "x-adobe-digital-signature-1": rsaSign(rsa.privateKey, base64(TEXT)) }),
];

const timed = (key: string, ts: string, body = TEXT) => ({
  "x-sluice-timestamp": ts,
  "x-sluice-signature": hmac(key, `${ts}.${body}`),
});
const BUILT: readonly NearMiss[] = [
  near("netsuite", "300 s old", true, "key", timed("key", String(NOW_SECONDS - 300))),
  near("netsuite", "301 s old", false, "key", timed("key", String(NOW_SECONDS - 301))),
  near("netsuite", "301 s ahead", false, "key", timed("key", String(NOW_SECONDS + 301))),
  near("netsuite", "the time not signed", false, "key", {
    "x-sluice-timestamp": String(NOW_SECONDS),
    "x-sluice-signature": hmac("key", TEXT),
  }),
  near("netsuite", "no time", false, "key", { "x-sluice-signature": hmac("key", `.${TEXT}`) }),
  near("generic-hmac", "capitals of the digits", true, "key", {
    "x-sluice-signature": hmac("key", TEXT).toUpperCase(),
  }),
  near("generic-hmac", "0x before the digits", false, "key", { "x-sluice-signature": `0x${hmac("key", TEXT)}` }),
  near("generic-hmac", "an odd number of digits", false, "key", { "x-sluice-signature": hmac("key", TEXT).slice(1) }),
  near("generic-hmac", "the name of the header in capitals", true, "key", { "X-SLUICE-SIGNATURE": hmac("key", TEXT) }),
  near("sap-business-one", "base64", true, "key", { "x-sluice-signature": hmac("key", TEXT, "base64") }),
  near("sap-business-one", "hex", false, "key", { "x-sluice-signature": hmac("key", TEXT) }),
  near("hubspot-v1", "capitals of the digits", true, "key", {
    "x-hubspot-signature": createHash("sha256").update(`key${TEXT}`).digest("hex").toUpperCase(),
  }),
  near("hubspot-v1", "the body before the secret", false, "key", {
    "x-hubspot-signature": createHash("sha256").update(`${TEXT}key`).digest("hex"),
  }),
  near("zendesk-2021-body-first", "today's order", false, "key", {
    "x-zendesk-webhook-signature-timestamp": "2026-11-05T12:00:00Z",
    "x-zendesk-webhook-signature": hmac("key", `2026-11-05T12:00:00Z${TEXT}`, "base64"),
  }),
  near("workato", "its own signature", true, "key", { "x-sluice-signature": hmac("key", TEXT) }),
  near("workato", "a bad signature beside a good key", true, "key", { "x-sluice-signature": "00", "x-api-key": "key" }),
  near("freshworks", "its header", true, "user:pass", { "x-sluice-key": "user:pass" }),
  near("freshworks", "basic", true, "user:pass", { authorization: `Basic ${base64("user:pass")}` }),
  near("freshworks", "another user", false, "user:pass", { authorization: `Basic ${base64("user2:pass")}` }),
];

const EVENT = { specversion: "1.0", id: "1", source: "/a", type: "a.B.Changed.v1", data: { a: "1" } };
const cloud = JSON.stringify(EVENT);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const CLOUD: readonly NearMiss[] = [
  near("cloudevents", "a bearer token", true, "tok", bearer("tok"), { body: cloud }),
  near("cloudevents", "access_token in the query", true, "tok", {}, { body: cloud, url: "?access_token=tok" }),
  near(
    "cloudevents",
    "access_token twice",
    false,
    "tok",
    {},
    { body: cloud, url: "?access_token=tok&access_token=tok" },
  ),
  near(
    "cloudevents",
    "access_token in the body",
    false,
    "tok",
    {},
    { body: JSON.stringify({ ...EVENT, access_token: "tok" }) },
  ),
  near("sap-event-mesh", "an OAuth token", true, "tok:x", bearer("tok:x"), { body: cloud }),
  near("sap-event-mesh-basic", "an OAuth token", false, "u:p", bearer("u:p"), { body: cloud }),
  near("sap-event-mesh", "access_token in the query", false, "tok", {}, { body: cloud, url: "?access_token=tok" }),
  near("azure-event-grid", "code", true, "k", {}, { body: `[${cloud}]`, url: "?code=k" }),
  near("azure-event-grid", "code twice", false, "k", {}, { body: `[${cloud}]`, url: "?code=k&code=k" }),
  near("azure-event-grid", "an empty code", false, "k", {}, { body: `[${cloud}]`, url: "?code=" }),
  near(
    "azure-event-grid",
    "a validation with a second event is a delivery",
    false,
    "k",
    {},
    {
      body: JSON.stringify([
        { eventType: "Microsoft.EventGrid.SubscriptionValidationEvent", data: { validationCode: "abc" } },
        EVENT,
      ]),
    },
  ),
  near("salesforce-cdc", "basic", true, "u:p", { authorization: `Basic ${base64("u:p")}` }),
  near("salesforce-cdc", "a wrong key", false, "u:p", { "x-api-key": "u:q" }),
];

test.each([...ED25519, ...ADOBE, ...BUILT, ...CLOUD])("%s: %s", async (scheme, _why, authentic, sending) => {
  const judged = await judge(scheme, sending);
  expect(judged).toMatchObject({ authentic, status: sending.status ?? judged.status });
  expect(["internal", "method_refused"]).not.toContain(judged.code);
  expect(judged.admitted > 0 && !authentic).toBe(false);
});

const METHODS = ["get", "post", "put", "patch", "delete", "options"] as const;
type Question = { readonly url?: string; readonly headers?: Record<string, string>; readonly body?: string };
test.each<[string, string, readonly (typeof METHODS)[number][], Question]>([
  ["business-central", "validationToken", ["get", "post"], { url: "?validationToken=abc" }],
  ["adobe-io-events", "challenge", ["get"], { url: "?challenge=abc" }],
  ["adobe-io-events", "validationUrl", ["post"], { body: '{"validationUrl":"https://csm.adobe.io/x?a=1"}' }],
  ["monday", "challenge", ["post"], { body: '{"challenge":"abc"}' }],
  ["monday-url-secret", "challenge", ["post"], { body: '{"challenge":"abc"}' }],
  ["cloudevents", "OPTIONS", ["options"], { headers: { "webhook-request-origin": "sender.example" } }],
  ["woocommerce", "ping", ["post"], { body: "webhook_id=12" }],
  [
    "azure-event-grid",
    "validation",
    ["post"],
    {
      body: '[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"abc"}}]',
    },
  ],
])(
  "%s asks by %s with %s and is answered to no other method",
  async (scheme, _what, asked, { url = "", headers = {}, body }) => {
    for (const method of METHODS) {
      const source = {
        name: "shop",
        scheme: findSender(scheme)!,
        secrets: [{ value: "k:k", number: 1, notAfterMs: null }],
      };
      const visits: string[] = [];
      const door = openDoor({
        sources: [source],
        validationVisits: { begin: (_source, visit) => void visits.push(visit), settled: async () => {} },
      });
      const client = request(door.app);
      const sending = client[method](`/webhooks/shop${url}`);
      sending.set(headers).serialize((raw: unknown) => raw as string);
      await (body === undefined ? sending : sending.send(body));
      await door.firstLine;
      const { msg } = JSON.parse(door.lines[0] ?? "{}") as { msg?: string };
      expect([method, msg === "handshake"]).toEqual([method, asked.includes(method)]);
      expect(visits.length > 0 && msg !== "handshake").toBe(false);
      expect(door.admitted).toEqual([]);
    }
  },
);

test("whoever sends nothing, of whatever sender and with whatever method, is not heard", async () => {
  for (const scheme of senders()) {
    const secrets = [{ value: "k:k", number: 1, notAfterMs: null }];
    const door = openDoor({ sources: [{ name: "shop", scheme, secrets }] });
    // Business Central alone must see no 4xx: its refusals say 200, and nothing is stored.
    const refusals = scheme.name === "business-central" ? [200] : [401, 403, 405, 503];
    for (const method of [...METHODS, "head"] as const) {
      const { status } = await request(door.app)[method]("/webhooks/shop");
      // Intercom, Mailchimp and Zoho Desk ask in this way whether the URL is there, and hear nothing but that it is.
      const isAsked = ["intercom head", "mailchimp get", "zoho-desk get"].includes(`${scheme.name} ${method}`);
      expect(isAsked ? [200] : refusals, `${scheme.name} ${method}`).toContain(status);
    }
    expect(door.admitted).toEqual([]);
  }
});

test("a header that says nothing of an encoding is no encoding", async () => {
  const { status } = await request(openDoor().app)
    .post("/webhooks/shop")
    .set({ "content-encoding": "", "x-shopify-hmac-sha256": hmac("shopify-client-secret", TEXT, "base64") })
    .serialize((raw: unknown) => raw as string)
    .send(TEXT);
  expect(status).not.toBe(415);
});
