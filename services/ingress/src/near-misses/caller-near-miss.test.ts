import { expect, test } from "vitest";
import { base64, hmac, judge, near, NOW_SECONDS, PUBLIC, type NearMiss } from "./near-miss.fixture.ts";

const bc = (...states: unknown[]) =>
  JSON.stringify({
    value: states.map((clientState) => ({
      clientState,
      subscriptionId: "s",
      resource: "r(1)",
      changeType: "updated",
      lastModifiedDateTime: "2026-11-05T11:59:27Z",
    })),
  });
const soap = (inner: string, head = "") =>
  `<?xml version="1.0"?>${head}<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">${inner}<ActionId>a</ActionId></notifications></e:Body></e:Envelope>`;
const ORG = "00D0Y000000abcdUAA";
const basic = (text: string) => ({ authorization: `Basic ${base64(text)}` });
const TOKENS: readonly NearMiss[] = [
  near("business-central", "every clientState right", true, "state", {}, { body: bc("state", "state") }),
  near(
    "business-central",
    "one of three wrong",
    false,
    "state",
    {},
    { body: bc("state", "other", "state"), status: 200 },
  ),
  near("business-central", "one missing", false, "state", {}, { body: bc("state", undefined), status: 200 }),
  near("business-central", "one null", false, "state", {}, { body: bc("state", null), status: 200 }),
  near("business-central", "one a list", false, "state", {}, { body: bc("state", ["state"]), status: 200 }),
  near("business-central", "none at all", false, "state", {}, { body: '{"value":[]}', status: 200 }),
  near(
    "business-central",
    "each another live secret",
    false,
    ["state", "old"],
    {},
    { body: bc("state", "old"), status: 200 },
  ),
  near("business-central", "a byte order mark", true, "state", {}, { body: `\ufeff${bc("state")}` }),
  near("zoho-crm", "no token", false, "t", {}, { body: '{"ids":["1"]}' }),
  near("zoho-crm", "a token that is a number", false, "1", {}, { body: '{"token":1,"ids":["1"]}' }),
  near("zoho-crm", "a token deeper inside", false, "t", {}, { body: '{"data":{"token":"t"},"ids":["1"]}' }),
  near(
    "salesforce-outbound-message",
    "15 characters for 18",
    true,
    ORG.slice(0, 15),
    {},
    { body: soap(`<OrganizationId>${ORG}</OrganizationId>`) },
  ),
  near(
    "salesforce-outbound-message",
    "another spelling of capitals",
    false,
    ORG,
    {},
    { body: soap(`<OrganizationId>${ORG.toLowerCase()}</OrganizationId>`) },
  ),
  near(
    "salesforce-outbound-message",
    "two organisations",
    false,
    ORG,
    {},
    { body: soap(`<OrganizationId>${ORG}</OrganizationId><OrganizationId>${ORG}</OrganizationId>`) },
  ),
  near(
    "salesforce-outbound-message",
    "a second one in a record",
    false,
    ORG,
    {},
    {
      body: soap(
        `<OrganizationId>${ORG}</OrganizationId><Notification><Id>1</Id><sObject><OrganizationId>x</OrganizationId></sObject></Notification>`,
      ),
    },
  ),
  near(
    "salesforce-outbound-message",
    "a document type",
    false,
    ORG,
    {},
    { body: soap(`<OrganizationId>${ORG}</OrganizationId>`, "<!DOCTYPE a>") },
  ),
  near(
    "salesforce-outbound-message",
    "an entity of its own",
    false,
    ORG,
    {},
    { body: soap("<OrganizationId>&o;</OrganizationId>", `<!DOCTYPE a [<!ENTITY o "${ORG}">]>`) },
  ),
  near(
    "salesforce-outbound-message",
    "the organisation in a comment",
    false,
    ORG,
    {},
    { body: soap(`<!--<OrganizationId>${ORG}</OrganizationId>-->`) },
  ),
  near("pipedrive", "a colon in the password", true, "user:pass:word", basic("user:pass:word")),
  near("pipedrive", "the scheme in small letters", true, "user:pass", {
    authorization: `basic ${base64("user:pass")}`,
  }),
  near("pipedrive", "umlauts", true, "user:pässwörd", basic("user:pässwörd")),
  near("pipedrive", "padding left out", false, "user:words", {
    authorization: `Basic ${base64("user:words").replaceAll("=", "")}`,
  }),
  near("pipedrive", "the header twice", false, "user:pass", {
    authorization: [`Basic ${base64("user:pass")}`, `Basic ${base64("user:pass")}`],
  }),
  near("pipedrive", "not encoded", false, "user:pass", { authorization: "Basic user:pass" }),
  near("generic-bearer", "BEARER", true, "tok", { authorization: "BEARER tok" }),
  near("generic-bearer", "no word", false, "tok", { authorization: "tok" }),
  near("generic-bearer", "two tokens", false, "tok", { authorization: "Bearer tok tok" }),
  near("generic-bearer", "another spelling of capitals", false, "tok", { authorization: "Bearer TOK" }),
  near("generic-bearer", "the beginning of the token", false, "token", { authorization: "Bearer tok" }),
  near("generic-api-key-query", "the key twice", false, "k", {}, { url: "?api_key=k&api_key=k" }),
  near("generic-api-key-query", "the key twice, once in disguise", false, "k", {}, { url: "?api_key=k&api%5Fkey=k" }),
  near("generic-api-key-query", "an escaped key", true, "a+/=", {}, { url: "?api_key=a%2B%2F%3D" }),
  near("generic-api-key-query", "the name in capitals", false, "k", {}, { url: "?API_KEY=k" }),
  near(
    "generic-api-key-query",
    "the key in the registered URL alone",
    false,
    "k",
    {},
    { publicUrl: `${PUBLIC}?api_key=k` },
  ),
  near("generic-api-key-header", "the header twice", false, "k", { "x-api-key": ["k", "k"] }),
  near("dataverse-httpheader", "the header twice", false, "k", { "x-sluice-key": ["k", "other"] }),
  near("dataverse-webhookkey", "the parameter twice", false, "k", {}, { url: "?code=k&code=k" }),
  near("odoo-url-secret", "an empty parameter", false, "k", {}, { url: "?k=" }),
  near("monday-url-secret", "the key in the URL, without a token", true, "k", {}, { url: "?k=k" }),
  near("monday-url-secret", "no key, whatever token", false, "k", { authorization: "k" }),
];

const ip = (
  why: string,
  ok: boolean,
  secret: string,
  from: string,
  trustedProxies: readonly string[] = ["127.0.0.1", "::1"],
): NearMiss => [
  "generic-ip-allow-list",
  why,
  ok,
  { secrets: [secret], headers: { "x-forwarded-for": from }, trustedProxies },
];
const PLACES: readonly NearMiss[] = [
  ip("IPv6 in range", true, "2001:db8::/32", "2001:db8:1::7"),
  ip("IPv6 out of range", false, "2001:db8::/32", "2001:db9::7"),
  ip("IPv6 written out", true, "2001:db8::1", "2001:0DB8:0000:0000:0000:0000:0000:0001"),
  ip("IPv4 mapped, in hex", true, "203.0.113.0/24", "::ffff:cb00:7105"),
  ip("IPv4 mapped, just outside", false, "203.0.113.0/25", "::ffff:203.0.113.128"),
  ip("octal", false, "10.0.0.8", "012.0.0.010"),
  ip("a good address that a stranger put in front", false, "203.0.113.5", "203.0.113.5, 198.51.100.9"),
  ip("several proxies", true, "203.0.113.5", "203.0.113.5, 10.1.1.1", ["127.0.0.1", "::1", "10.0.0.0/8"]),
  ip("no proxy is trusted", false, "203.0.113.5", "203.0.113.5", []),
  near(
    "generic-mtls-header",
    "a trusted proxy",
    true,
    "ab:cd",
    { "x-client-verify": "SUCCESS", "x-client-fingerprint": "ABCD" },
    { trustedProxies: ["127.0.0.1", "::1"] },
  ),
  near("generic-mtls-header", "a proxy on this machine, unless others are listed", true, "ab:cd", {
    "x-client-verify": "SUCCESS",
    "x-client-fingerprint": "ABCD",
  }),
  near(
    "generic-mtls-header",
    "an untrusted peer",
    false,
    "ab:cd",
    { "x-client-verify": "SUCCESS", "x-client-fingerprint": "ABCD", "x-forwarded-for": "10.0.0.1" },
    { trustedProxies: ["10.0.0.0/8"] },
  ),
  near(
    "generic-mtls-header",
    "the proxy is not content",
    false,
    "ab:cd",
    { "x-client-verify": "FAILED:expired", "x-client-fingerprint": "ABCD" },
    { trustedProxies: ["127.0.0.1", "::1"] },
  ),
  near(
    "generic-mtls-header",
    "two fingerprints",
    false,
    "ab:cd",
    { "x-client-verify": "SUCCESS", "x-client-fingerprint": ["ABCD", "ABCD"] },
    { trustedProxies: ["127.0.0.1", "::1"] },
  ),
];

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const jwt = (claims: object, head: object = { alg: "HS256", typ: "JWT" }) => {
  const content = `${part(head)}.${part(claims)}`;
  return `${content}.${hmac("key", content, "base64url")}`;
};
const monday = (why: string, ok: boolean, authorization: string | string[]): NearMiss => [
  "monday-jwt",
  why,
  ok,
  { secrets: ["old", "key"], publicUrl: PUBLIC, headers: { authorization } },
];
const GOOD = { aud: PUBLIC, exp: NOW_SECONDS + 60 };
const JWTS: readonly NearMiss[] = [
  monday("the second secret", true, jwt(GOOD)),
  monday("a list of audiences", true, jwt({ ...GOOD, aud: ["https://other.example", PUBLIC] })),
  monday("a list without it", false, jwt({ ...GOOD, aud: ["https://other.example"] })),
  monday("alg none", false, `${part({ alg: "none" })}.${part(GOOD)}.`),
  monday("Bearer before it", false, `Bearer ${jwt(GOOD)}`),
  monday("the header twice", false, [jwt(GOOD), jwt(GOOD)]),
  monday("a claim changed", false, jwt(GOOD).replace(part(GOOD), part({ ...GOOD, exp: NOW_SECONDS + 61 }))),
];

test.each([...TOKENS, ...PLACES, ...JWTS])("%s: %s", async (scheme, _why, authentic, sending) => {
  const judged = await judge(scheme, sending);
  expect(judged).toMatchObject({ authentic, status: sending.status ?? judged.status });
  expect(["internal", "method_refused"]).not.toContain(judged.code);
  expect(judged.admitted > 0 && !authentic).toBe(false);
});
