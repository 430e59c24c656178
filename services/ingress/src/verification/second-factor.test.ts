import { readScheme } from "@sluice/event";
import type { SourceConfiguration } from "@sluice/runtime";
import request from "supertest";
import { expect, test } from "vitest";
import { openDoor } from "../door.fixture.ts";

const HERE = ["127.0.0.1", "::1"];
const ODOO = { _action: "Push(#1)", _model: "res.partner", _id: 7, write_date: "2026-11-05 11:59:57" };
const CERTIFICATE = { "x-client-verify": "SUCCESS", "x-client-fingerprint": "AB:CD" };
const BOTH = { allowFrom: ["203.0.113.0/24", "2001:db8::/32"], clientCertificates: ["abce", "ab:cd"] };

type Factor = SourceConfiguration["secondFactor"];

function open(scheme: string, secondFactor: Factor, trustedProxies: readonly string[] = HERE) {
  const secrets = [{ value: "k", number: 1, notAfterMs: null }];
  return openDoor({ trustedProxies, sources: [{ name: "erp", scheme: readScheme(scheme), secrets, secondFactor }] });
}

test.each<[string, Factor, Record<string, string>, number]>([
  ["nothing is demanded", {}, {}, 200],
  ["the address is listed", { allowFrom: ["203.0.113.0/24"] }, { "x-forwarded-for": "203.0.113.9" }, 200],
  ["the address is not listed", { allowFrom: ["203.0.113.0/24"] }, { "x-forwarded-for": "203.0.114.9" }, 401],
  ["a stranger names a listed one", BOTH, { ...CERTIFICATE, "x-forwarded-for": "203.0.113.9, 198.51.100.1" }, 401],
  ["the certificate is one of them", { clientCertificates: ["abce", "abcd"] }, CERTIFICATE, 200],
  ["there is no certificate", { clientCertificates: ["abcd"] }, {}, 401],
  ["the proxy refused it", { clientCertificates: ["abcd"] }, { ...CERTIFICATE, "x-client-verify": "FAILED" }, 401],
  ["both are there", BOTH, { ...CERTIFICATE, "x-forwarded-for": "2001:db8::7" }, 200],
  ["one of both is not", BOTH, { "x-forwarded-for": "203.0.113.9" }, 401],
])("a weak scheme with a second factor: %s", async (_, factor, headers, status) => {
  const door = open("odoo-url-secret", factor);
  const response = await request(door.app).post("/webhooks/erp?k=k").set(headers).send(ODOO);
  expect(response.status).toBe(status);
  expect(door.admitted).toHaveLength(status === 200 ? 1 : 0);
});

test("the second factor replaces no first one", async () => {
  const door = open("odoo-url-secret", { allowFrom: HERE }, []);
  expect((await request(door.app).post("/webhooks/erp?k=x").send(ODOO)).status).toBe(401);
  expect((await request(door.app).post("/webhooks/erp?k=k").send(ODOO)).status).toBe(200);
});

test("who lacks it gets no handshake either, and a sender hears what keeps its subscription alive", async () => {
  const door = open("business-central", { allowFrom: ["203.0.113.0/24"] }, []);
  const response = await request(door.app).post("/webhooks/erp?validationToken=t").set(CERTIFICATE);
  expect([response.status, response.text]).toEqual([200, ""]);
  expect(await door.metric("sluice_events_refused_total{")).toEqual([
    'sluice_events_refused_total{source="erp",reason="address_wrong"} 1',
  ]);
});

test("of a certificate only a trusted proxy is believed", async () => {
  const door = open("odoo-url-secret", { clientCertificates: ["abcd"] }, ["10.0.0.0/8"]);
  expect((await request(door.app).post("/webhooks/erp?k=k").set(CERTIFICATE).send(ODOO)).status).toBe(401);
});
