import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { NOW_MS } from "../door.fixture.ts";
import { base64, hmac, judge, near, NOW_SECONDS, PUBLIC, TEXT, type NearMiss, type Rest } from "./near-miss.fixture.ts";

const flip = (text: string) => (text.startsWith("0") ? "1" : "0") + text.slice(1);

/** The last digit before the padding has bits that mean nothing; another digit decodes to the same bytes. */
function spelledOtherwise(signature: string): string {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const at = signature.indexOf("=") - 1;
  return signature.slice(0, at) + digits[digits.indexOf(signature[at] ?? "") + 1] + signature.slice(at + 1);
}

const KEY = Buffer.from("slc0slc0slc0slc0slc0slc0slc0slc0");
const WHSEC = `whsec_${base64(KEY)}`;
const std = (key: string | Buffer = KEY, ts: string = String(NOW_SECONDS), id = "msg_1", body = TEXT) =>
  hmac(key, `${id}.${ts}.${body}`, "base64");
const stdHeaders = (signature: string | string[], ts = String(NOW_SECONDS)) => ({
  "webhook-id": "msg_1",
  "webhook-timestamp": ts,
  "webhook-signature": signature,
});
const std1 = (why: string, ok: boolean, signature: string | string[], ts?: string, secrets = [WHSEC]): NearMiss => [
  "standard-webhooks",
  why,
  ok,
  { secrets, headers: stdHeaders(signature, ts) },
];

const STANDARD: readonly NearMiss[] = [
  std1("300 s ahead", true, `v1,${std(KEY, String(NOW_SECONDS + 300))}`, String(NOW_SECONDS + 300)),
  std1("301 s ahead", false, `v1,${std(KEY, String(NOW_SECONDS + 301))}`, String(NOW_SECONDS + 301)),
  std1("300 s old", true, `v1,${std(KEY, String(NOW_SECONDS - 300))}`, String(NOW_SECONDS - 300)),
  std1("301 s old", false, `v1,${std(KEY, String(NOW_SECONDS - 301))}`, String(NOW_SECONDS - 301)),
  std1("milliseconds", false, `v1,${std(KEY, String(NOW_MS))}`, String(NOW_MS)),
  std1("a sign before the time", false, `v1,${std(KEY, `+${NOW_SECONDS}`)}`, `+${NOW_SECONDS}`),
  std1("a leading zero", false, `v1,${std(KEY, `0${NOW_SECONDS}`)}`, `0${NOW_SECONDS}`),
  std1("a fraction", false, `v1,${std(KEY, `${NOW_SECONDS}.0`)}`, `${NOW_SECONDS}.0`),
  std1("digits and letters", false, `v1,${std(KEY, `${NOW_SECONDS}abc`)}`, `${NOW_SECONDS}abc`),
  std1("the version in capitals", false, `V1,${std()}`),
  std1("no version", false, std()),
  std1("v1a with an HMAC", false, `v1a,${std()}`),
  std1("base64url", false, `v1,${hmac(KEY, `msg_1.${NOW_SECONDS}.${TEXT}`, "base64url")}`),
  std1("padding left out", false, `v1,${std().replace("=", "")}`),
  std1("spare bits set", false, `v1,${spelledOtherwise(std())}`),
  std1("hex", false, `v1,${hmac(KEY, `msg_1.${NOW_SECONDS}.${TEXT}`)}`),
  std1("a bad one and a good one", true, `v1,${std("other")} v1,${std()}`),
  std1("signatures joined with commas", false, `v1,${std()},v1,${std()}`),
  std1("the header twice", false, [`v1,${std()}`, `v1,${std()}`]),
  std1("trailing space, which HTTP drops", true, `v1,${std()} `),
  std1("a truncated signature", false, `v1,${base64(Buffer.from(std(), "base64").subarray(0, 16))}`),
  std1("an empty signature", false, "v1,"),
  std1("64 other signatures before it", false, `${`v1,${std("other")} `.repeat(64)}v1,${std()}`),
  std1("63 other signatures before it", true, `${`v1,${std("other")} `.repeat(63)}v1,${std()}`),
  std1("the secret as text", false, `v1,${std(WHSEC)}`),
  std1("the secret as text without whsec_", false, `v1,${std(base64(KEY))}`),
  std1("the second secret", true, `v1,${std()}`, undefined, [`whsec_${base64("another key of 24 bytes!")}`, WHSEC]),
  std1("a secret without whsec_", true, `v1,${std()}`, undefined, [base64(KEY)]),
  near("standard-webhooks", "no id", false, WHSEC, {
    "webhook-timestamp": String(NOW_SECONDS),
    "webhook-signature": `v1,${std(KEY, String(NOW_SECONDS), "")}`,
  }),
  near("standard-webhooks", "the id twice", false, WHSEC, {
    ...stdHeaders(`v1,${std(KEY, String(NOW_SECONDS), "msg_1, msg_1")}`),
    "webhook-id": ["msg_1", "msg_1"],
  }),
  near("standard-webhooks", "Svix' names", false, WHSEC, {
    "svix-id": "msg_1",
    "svix-timestamp": String(NOW_SECONDS),
    "svix-signature": `v1,${std()}`,
  }),
  near("svix", "its own names", true, WHSEC, {
    "svix-id": "msg_1",
    "svix-timestamp": String(NOW_SECONDS),
    "svix-signature": `v1,${std()}`,
  }),
  near("bigcommerce", "the secret decoded", false, base64(KEY), stdHeaders(`v1,${std()}`)),
  near("bigcommerce", "the secret as text", true, base64(KEY), stdHeaders(`v1,${std(base64(KEY))}`)),
];

const HUB = "hub-secret";
const hub3 = (url: string, ts: string = String(NOW_MS), method = "POST", body = TEXT) => ({
  "x-hubspot-request-timestamp": ts,
  "x-hubspot-signature-v3": hmac(HUB, `${method}${url}${body}${ts}`, "base64"),
});
const hub = (why: string, ok: boolean, headers: NearMiss[3]["headers"], rest: Rest = {}): NearMiss =>
  near("hubspot-v3", why, ok, HUB, headers, { publicUrl: PUBLIC, ...rest });
const ALL = "?q=%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B";
const KEPT = "?q=%20%22%23%25%26%2B%3D%5B%5D%C3%BC";
const HUBSPOT: readonly NearMiss[] = [
  hub("300,000 ms old", true, hub3(PUBLIC, String(NOW_MS - 300_000))),
  hub("300,001 ms old", false, hub3(PUBLIC, String(NOW_MS - 300_001))),
  hub("300,001 ms ahead", false, hub3(PUBLIC, String(NOW_MS + 300_001))),
  hub("seconds", false, hub3(PUBLIC, String(NOW_SECONDS))),
  hub("every escape that HubSpot undoes", true, hub3(`${PUBLIC}?q=:/?@!$'()*,;`), { url: ALL }),
  hub("the same, left as it was sent", false, hub3(`${PUBLIC}${ALL}`), { url: ALL }),
  hub("escapes in small letters", true, hub3(`${PUBLIC}?q=:/`), { url: "?q=%3a%2f" }),
  hub("every escape that HubSpot leaves", true, hub3(`${PUBLIC}${KEPT}`), { url: KEPT }),
  hub("an escape undone that HubSpot leaves", false, hub3(`${PUBLIC}?q=a b`), { url: "?q=a%20b" }),
  hub("an escape undone twice", false, hub3(`${PUBLIC}?q=:`), { url: "?q=%253A" }),
  hub("hex", false, { ...hub3(PUBLIC), "x-hubspot-signature-v3": hmac(HUB, `POST${PUBLIC}${TEXT}${NOW_MS}`) }),
  hub("the Host that was called", false, hub3("http://127.0.0.1/webhooks/shop")),
  near("hubspot-v1", "a good v1 beside a bad v3", false, HUB, {
    "x-hubspot-signature": createHash("sha256")
      .update(HUB + TEXT)
      .digest("hex"),
    "x-hubspot-signature-v3": "AAAA",
    "x-hubspot-request-timestamp": String(NOW_MS),
  }),
  near("hubspot-v1", "an HMAC", false, HUB, { "x-hubspot-signature": hmac(HUB, TEXT) }),
  near(
    "hubspot-v2",
    "the URL with its query as it was sent",
    true,
    HUB,
    { "x-hubspot-signature": createHash("sha256").update(`${HUB}POST${PUBLIC}?a=%3A${TEXT}`).digest("hex") },
    { publicUrl: PUBLIC, url: "?a=%3A" },
  ),
  near(
    "hubspot-v2",
    "a GET without a body",
    true,
    HUB,
    { "x-hubspot-signature": createHash("sha256").update(`${HUB}GET${PUBLIC}`).digest("hex") },
    { publicUrl: PUBLIC, method: "get", body: "" },
  ),
];

const plain = (scheme: string, header: string, encoding: "hex" | "base64", prefix = "", alg = "sha256"): NearMiss[] => {
  const good = hmac("key", TEXT, encoding, alg);
  const row = (why: string, ok: boolean, value: string | string[], rest: Rest = {}): NearMiss => [
    scheme,
    why,
    ok,
    { secrets: ["another", "key"], headers: { [header]: value }, ...rest },
  ];
  return [
    row("the second secret", true, prefix + good),
    row("the header twice", false, [prefix + good, prefix + good]),
    row("two values in one", false, `${prefix}${good}, ${prefix}${good}`),
    row("trailing space, which HTTP drops", true, `${prefix}${good}  `),
    row("one digit more", false, `${prefix}${good}0`),
    row("a digit changed", false, prefix + flip(good)),
    row("another algorithm", false, prefix + hmac("key", TEXT, encoding, alg === "sha256" ? "sha512" : "sha256")),
    row("an empty header", false, ""),
    row("an empty body that is not signed", false, prefix + good, { body: "" }),
    row("an empty key", false, prefix + hmac("", TEXT, encoding, alg)),
    ...(encoding === "hex"
      ? [row("base64", false, prefix + hmac("key", TEXT, "base64", alg))]
      : [
          row("hex", false, prefix + hmac("key", TEXT, "hex", alg)),
          row("base64url", false, prefix + hmac("key", TEXT, "base64url", alg)),
          row("spare bits set", false, prefix + spelledOtherwise(good)),
        ]),
    ...(prefix === ""
      ? [row("a prefix", false, `sha256=${good}`)]
      : [
          row("no prefix", false, good),
          row("the prefix in capitals", false, prefix.toUpperCase() + good),
          row("the prefix twice", false, prefix + prefix + good),
        ]),
  ];
};
const PLAIN: readonly NearMiss[] = [
  ...plain("shopify", "x-shopify-hmac-sha256", "base64"),
  ...plain("shopify-events", "shopify-hmac-sha256", "base64"),
  ...plain("woocommerce", "x-wc-webhook-signature", "base64"),
  ...plain("xero", "x-xero-signature", "base64"),
  ...plain("quickbooks", "intuit-signature", "base64"),
  ...plain("frappe", "x-frappe-webhook-signature", "base64"),
  ...plain("attio", "attio-signature", "hex"),
  ...plain("attio", "x-attio-signature", "hex"),
  ...plain("asana", "x-hook-signature", "hex"),
  ...plain("github", "x-hub-signature-256", "hex", "sha256="),
  ...plain("intercom", "x-hub-signature", "hex", "sha1=", "sha1"),
  near("github", "the old SHA-1 header", false, "key", {
    "x-hub-signature": `sha1=${hmac("key", TEXT, "hex", "sha1")}`,
  }),
  near("woocommerce", "a secret with &amp;", true, "a&amp;b&lt;&quot;&#039;", {
    "x-wc-webhook-signature": hmac(`a&b<"'`, TEXT, "base64"),
  }),
  near("woocommerce", "a secret with &amp;, not undone", false, "a&amp;b", {
    "x-wc-webhook-signature": hmac("a&amp;b", TEXT, "base64"),
  }),
  near("woocommerce", "&amp;amp; is undone once", true, "a&amp;amp;b", {
    "x-wc-webhook-signature": hmac("a&amp;b", TEXT, "base64"),
  }),
  near("xero", "a key that looks like base64, decoded", false, base64(KEY), {
    "x-xero-signature": hmac(KEY, TEXT, "base64"),
  }),
  near("airtable", "the key decoded", true, base64(KEY), {
    "x-airtable-content-mac": `hmac-sha256=${hmac(KEY, TEXT)}`,
  }),
  near("airtable", "no prefix", false, base64(KEY), { "x-airtable-content-mac": hmac(KEY, TEXT) }),
  near("airtable", "GitHub's prefix", false, base64(KEY), { "x-airtable-content-mac": `sha256=${hmac(KEY, TEXT)}` }),
  near("airtable", "base64", false, base64(KEY), {
    "x-airtable-content-mac": `hmac-sha256=${hmac(KEY, TEXT, "base64")}`,
  }),
];

const CLOSE = KEY.toString("hex");
const close = (key: string | Buffer, ts: string) => ({
  "close-sig-timestamp": ts,
  "close-sig-hash": hmac(key, ts + TEXT),
});
const stripe = (why: string, ok: boolean, header: string | string[], secrets = ["whsec_abc"]): NearMiss =>
  near("stripe", why, ok, secrets, { "stripe-signature": header });
const s1 = (key: string, ts: string = String(NOW_SECONDS)) => hmac(key, `${ts}.${TEXT}`);
const slack = (body: string, ts: string = String(NOW_SECONDS)) => ({
  "x-slack-request-timestamp": ts,
  "x-slack-signature": `v0=${hmac("key", `v0:${ts}:${body}`)}`,
});
const CHALLENGE = '{"token":"t","challenge":"3eZb","type":"url_verification"}';
const zen = (key: string | Buffer, ts: string, body = TEXT) => ({
  "x-zendesk-webhook-signature-timestamp": ts,
  "x-zendesk-webhook-signature": hmac(key, ts + body, "base64"),
});
const TIMED: readonly NearMiss[] = [
  near("close", "the key decoded from hex", true, CLOSE, close(KEY, String(NOW_SECONDS))),
  near("close", "the key in capitals", true, CLOSE.toUpperCase(), close(KEY, String(NOW_SECONDS))),
  near("close", "the key as text", false, CLOSE, close(CLOSE, String(NOW_SECONDS))),
  near("close", "301 s ahead", false, CLOSE, close(KEY, String(NOW_SECONDS + 301))),
  near("close", "the time twice", false, CLOSE, {
    ...close(KEY, String(NOW_SECONDS)),
    "close-sig-timestamp": [String(NOW_SECONDS), String(NOW_SECONDS)],
  }),
  stripe("several v1", true, `t=${NOW_SECONDS},v1=${s1("other")},v1=${s1("whsec_abc")},v0=${s1("x")}`),
  stripe("v0 good, v1 bad", false, `t=${NOW_SECONDS},v1=${s1("other")},v0=${s1("whsec_abc")}`),
  stripe("two times", false, `t=${NOW_SECONDS},t=${NOW_SECONDS - 1},v1=${s1("whsec_abc")}`),
  stripe("no time", false, `v1=${s1("whsec_abc")}`),
  stripe("301 s old", false, `t=${NOW_SECONDS - 301},v1=${s1("whsec_abc", String(NOW_SECONDS - 301))}`),
  stripe("300 s old", true, `t=${NOW_SECONDS - 300},v1=${s1("whsec_abc", String(NOW_SECONDS - 300))}`),
  stripe("301 s ahead", false, `t=${NOW_SECONDS + 301},v1=${s1("whsec_abc", String(NOW_SECONDS + 301))}`),
  stripe("the header twice", false, [
    `t=${NOW_SECONDS},v1=${s1("whsec_abc")}`,
    `t=${NOW_SECONDS},v1=${s1("whsec_abc")}`,
  ]),
  stripe("the secret without whsec_", false, `t=${NOW_SECONDS},v1=${s1("abc")}`),
  stripe("names in capitals", false, `T=${NOW_SECONDS},V1=${s1("whsec_abc")}`),
  stripe("the second secret", true, `t=${NOW_SECONDS},v1=${s1("whsec_old")}`, ["whsec_abc", "whsec_old"]),
  near("slack", "301 s ahead", false, "key", slack(TEXT, String(NOW_SECONDS + 301))),
  near("slack", "v1=", false, "key", {
    ...slack(TEXT),
    "x-slack-signature": `v1=${hmac("key", `v1:${NOW_SECONDS}:${TEXT}`)}`,
  }),
  near("slack", "a verification, signed", true, "key", slack(CHALLENGE), { body: CHALLENGE, status: 200 }),
  near("slack", "a verification, not signed", false, "key", {}, { body: CHALLENGE, status: 401 }),
  near("slack", "a verification, signed wrongly", false, "other", slack(CHALLENGE), { body: CHALLENGE, status: 401 }),
  near("zendesk", "the key as text", true, base64(KEY), zen(base64(KEY), "2026-11-05T12:00:00Z")),
  near("zendesk", "the key decoded", false, base64(KEY), zen(KEY, "2026-11-05T12:00:00Z")),
  near("zendesk", "seconds", false, "key", zen("key", String(NOW_SECONDS))),
  near("zendesk", "301 s old", false, "key", zen("key", new Date(NOW_MS - 301_000).toISOString())),
  near("zendesk", "a DELETE without a body", true, "key", zen("key", "2026-11-05T12:00:00Z", ""), {
    method: "delete",
    body: "",
  }),
];

const SQ = `${PUBLIC}?shop=1`;
const square = (url: string) => ({ "x-square-hmacsha256-signature": hmac("key", url + TEXT, "base64") });
const URLS: readonly NearMiss[] = [
  near("square", "a registered URL with a query", true, "key", square(SQ), { publicUrl: SQ, url: "?shop=1" }),
  near("square", "the URL without its query", false, "key", square(PUBLIC), { publicUrl: SQ, url: "?shop=1" }),
  near("square", "another query than the registered one", false, "key", square(`${PUBLIC}?shop=2`), {
    publicUrl: SQ,
    url: "?shop=2",
  }),
  near("square", "a slash more", false, "key", square(`${PUBLIC}/`), { publicUrl: PUBLIC }),
  near(
    "generic-hmac-sha512",
    "another method",
    false,
    "key",
    {
      "x-sluice-timestamp": String(NOW_SECONDS),
      "x-sluice-signature": `sha512=${hmac("key", `${NOW_SECONDS}.PUT./webhooks/shop.${TEXT}`, "hex", "sha512")}`,
    },
    { publicUrl: PUBLIC },
  ),
  near(
    "generic-hmac-sha512",
    "PUT",
    true,
    "key",
    {
      "x-sluice-timestamp": String(NOW_SECONDS),
      "x-sluice-signature": `sha512=${hmac("key", `${NOW_SECONDS}.PUT./webhooks/shop.${TEXT}`, "hex", "sha512")}`,
    },
    { method: "put", publicUrl: PUBLIC },
  ),
];

test.each([...STANDARD, ...HUBSPOT, ...PLAIN, ...TIMED, ...URLS])(
  "%s: %s",
  async (scheme, _why, authentic, sending) => {
    const judged = await judge(scheme, sending);
    expect(judged).toMatchObject({ authentic, status: sending.status ?? judged.status });
    expect(["internal", "method_refused"]).not.toContain(judged.code);
    expect(judged.admitted > 0 && !authentic).toBe(false);
  },
);
