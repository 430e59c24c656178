import fc from "fast-check";
import { expect, test } from "vitest";
import { findScheme, schemeNames } from "../catalog.ts";
import { readScheme } from "../written-schemes/read-scheme.ts";
import type { WebhookRequest } from "../request.ts";
import type { Scheme } from "../scheme.ts";
import { sign } from "../signature/sign.ts";
import type { VerifyResult } from "./verdict.ts";
import { verify as verifyAny } from "./verify.ts";

const NOW_MS = 1_793_880_000_000;
const KEY = "whsec_c2xjMHNsYzBzbGMwc2xjMHNsYzBzbGMwc2xjMHNsYzA=";
const OTHER_KEY = "whsec_b2xka29sZGtvbGRrb2xka29sZGtvbGRrb2xka29sZGs=";

const request: WebhookRequest = {
  method: "POST",
  url: "https://in.example.com/webhooks/crm?tenant=a%3Ab%20c",
  path: "/webhooks/crm",
  headers: new Map([
    ["webhook-id", ["msg_1"]],
    ["klaviyo-timestamp", ["1793880000"]],
    ["svix-id", ["msg_1"]],
  ]),
  body: Buffer.from('[{"a":1}]'),
};

function withHeaders(base: WebhookRequest, added: { readonly [name: string]: string | string[] }): WebhookRequest {
  const headers = new Map(base.headers);
  for (const [name, value] of Object.entries(added)) headers.set(name, [value].flat());
  return { ...base, headers };
}

/** Only a JSON Web Token is judged by a promise; there is none here. */
const verify = (...given: Parameters<typeof verifyAny>): VerifyResult => verifyAny(...given) as VerifyResult;
const named = (name: string): Scheme => findScheme(name) as Scheme;
const signed = (scheme: Scheme, secret = KEY, atMs = NOW_MS): WebhookRequest =>
  withHeaders(request, sign(scheme, request, secret, atMs));

/** Whether KEY can be the scheme's secret: it is a text, and base64 after `whsec_` too. */
function canSign({ check }: Scheme): boolean {
  return check.type === "signature" && (check.key === "utf8" || check.keyPrefix === "whsec_");
}

const FORMS: readonly [string, Scheme][] = [
  ...schemeNames()
    .map((name): [string, Scheme] => [name, named(name)])
    .filter(([, scheme]) => canSign(scheme)),
  ...["hex", "base64", "base64url"].flatMap((encoding) =>
    ["sha1", "sha256", "sha512"].map((algorithm): [string, Scheme] => [
      `generic-hmac ${algorithm} ${encoding}`,
      readScheme({ "generic-hmac": { algorithm, encoding, header: "X-ERP-Signature", prefix: `${algorithm}=` } }),
    ]),
  ),
  ["generic-hmac with a time", readScheme({ "generic-hmac": { timestamp: { header: "x-time", unit: "iso8601" } } })],
  [
    "kv",
    readScheme({
      type: "signature",
      alg: "hmac-sha256",
      key: "utf8",
      sig: { headers: ["x-signature"], format: "kv", field: "v1", encoding: "hex" },
      content: "{ts}.{body}",
      ts: { header: "x-signature", kvField: "t", unit: "s" },
    }),
  ],
  ["bearer", readScheme({ type: "bearer" })],
  ["header token", readScheme({ type: "token", from: "header:x-api-key" })],
];

test.each(FORMS)("what is signed for %s verifies, and tells which secret it was", (_, scheme) => {
  expect(verify(scheme, signed(scheme), [OTHER_KEY, KEY], NOW_MS)).toEqual({ ok: true, secretIndex: 1 });
});

test.each(FORMS)("another secret does not verify for %s", (_, scheme) => {
  expect(verify(scheme, signed(scheme), [OTHER_KEY], NOW_MS).ok).toBe(false);
});

test.each(FORMS.filter(([, { check }]) => check.type === "signature"))(
  "one flipped bit anywhere in the body does not verify for %s",
  (_, scheme) => {
    const good = signed(scheme);
    fc.assert(
      fc.property(fc.nat(good.body.length * 8 - 1), (bit) => {
        const body = Buffer.from(good.body);
        body[bit >> 3] = (body[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verify(scheme, { ...good, body }, [KEY], NOW_MS).ok).toBe(false);
      }),
      { numRuns: 20 },
    );
  },
);

test.each(FORMS)("a repeated security header is refused for %s, even with equal values", (_, scheme) => {
  const { check } = scheme;
  for (const name of Object.keys(sign(scheme, request, KEY, NOW_MS))) {
    // A list in several lines is the same list.
    const isList = check.type === "signature" && check.sig.format === "list" && check.ts?.header !== name;
    if (isList && check.sig.headers.includes(name)) continue;
    const good = signed(scheme);
    const value = good.headers.get(name)?.[0] ?? "";
    const verdict = verify(scheme, withHeaders(good, { [name]: [value, value] }), [KEY], NOW_MS);
    expect(verdict).toEqual({ ok: false, reason: "header_repeated" });
  }
});

test("a request without any signature is refused with that reason", () => {
  expect(verify(named("shopify"), request, [KEY], NOW_MS)).toEqual({ ok: false, reason: "signature_missing" });
});

test.each([
  [-301_000, "timestamp_stale"],
  [-300_000, undefined],
  [0, undefined],
  [300_000, undefined],
  [301_000, "timestamp_ahead"],
])("a time %i ms from ours gives %s", (offsetMs, reason) => {
  const scheme = named("standard-webhooks");
  const verdict = verify(scheme, signed(scheme, KEY, NOW_MS + offsetMs), [KEY], NOW_MS);
  expect(verdict).toEqual(reason === undefined ? { ok: true, secretIndex: 0 } : { ok: false, reason });
});

test.each(["1793880000.0", " 1793880000", "+1793880000", "0x6aec7c40", "1793880000abc", ""])(
  "the time %j is not read leniently, even when it is signed so",
  (time) => {
    const lenient = readScheme({ "generic-hmac": { content: "{header:x-sluice-timestamp}.{body}" } });
    const strict = readScheme({ "generic-hmac": { timestamp: { header: "x-sluice-timestamp" } } });
    const stamped = withHeaders(request, { "x-sluice-timestamp": time });
    const headers = time === "" ? {} : sign(lenient, stamped, KEY, NOW_MS);
    expect(verify(strict, withHeaders(stamped, headers), [KEY], NOW_MS).ok).toBe(false);
  },
);

test("sixty-four signatures are tried and sixty-five are refused", () => {
  const scheme = named("standard-webhooks");
  const good = signed(scheme);
  const signature = good.headers.get("webhook-signature")?.[0] ?? "";
  const list = (count: number) => [...Array.from({ length: count - 1 }, () => "v1,AAAA"), signature].join(" ");
  expect(verify(scheme, withHeaders(good, { "webhook-signature": list(64) }), [KEY], NOW_MS).ok).toBe(true);
  expect(verify(scheme, withHeaders(good, { "webhook-signature": list(65) }), [KEY], NOW_MS)).toEqual({
    ok: false,
    reason: "signature_too_many",
  });
});

test("the eighth secret counts and the ninth does not", () => {
  const scheme = named("shopify");
  const filler = (count: number) => Array.from({ length: count }, (_, index) => `other-${index}`);
  expect(verify(scheme, signed(scheme), [...filler(7), KEY], NOW_MS)).toEqual({ ok: true, secretIndex: 7 });
  expect(verify(scheme, signed(scheme), [...filler(8), KEY], NOW_MS).ok).toBe(false);
});

test.each(["shopify", "standard-webhooks", "generic-hmac"])(
  "an empty secret or none authenticates nobody for %s",
  (name) => {
    const scheme = named(name);
    expect(() => sign(scheme, request, "", NOW_MS)).toThrow(/key/);
    expect(verify(scheme, signed(scheme), [""], NOW_MS).ok).toBe(false);
    expect(verify(scheme, signed(scheme), [], NOW_MS)).toEqual({ ok: false, reason: "secret_missing" });
  },
);

test.each([
  ["spare bits", (text: string) => text.replace(/.=$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=`)],
  ["no padding", (text: string) => text.replace(/=+$/, "")],
  ["the URL alphabet", (text: string) => text.replaceAll("+", "-").replaceAll("/", "_")],
  ["trailing text", (text: string) => `${text}=`],
  ["a space within", (text: string) => `${text.slice(0, 4)} ${text.slice(4)}`],
])("base64 with %s is another text, and no signature", (_, change) => {
  const scheme = named("shopify");
  // A body whose digest holds both characters in which the alphabets differ.
  const body = Array.from({ length: 1_000 }, (_each, index) => Buffer.from(`{"n":${index}}`)).find((each) =>
    /^(?=.*\+)(?=.*\/).*[A-Za-y0-8]=$/.test(
      sign(scheme, { ...request, body: each }, KEY, NOW_MS)["x-shopify-hmac-sha256"] ?? "",
    ),
  );
  const unsigned = { ...request, body: body ?? Buffer.from("none") };
  const signature = sign(scheme, unsigned, KEY, NOW_MS)["x-shopify-hmac-sha256"] ?? "";
  const verdictOf = (text: string) =>
    verify(scheme, withHeaders(unsigned, { "x-shopify-hmac-sha256": text }), [KEY], NOW_MS);
  expect(verdictOf(signature).ok).toBe(true);
  expect(change(signature)).not.toBe(signature);
  expect(verdictOf(change(signature)).ok).toBe(false);
});

test("HubSpot's URL is signed with the escapes of its table undone, and no others", () => {
  const scheme = named("hubspot-v3");
  const decoded = { ...signed(scheme), url: "https://in.example.com/webhooks/crm?tenant=a:b%20c" };
  expect(verify(scheme, decoded, [KEY], NOW_MS).ok).toBe(true);
  const further = { ...decoded, url: "https://in.example.com/webhooks/crm?tenant=a:b c" };
  expect(verify(scheme, further, [KEY], NOW_MS).ok).toBe(false);
});

test("no request at all, however odd, makes verification throw", () => {
  const names = ["webhook-id", "webhook-timestamp", "webhook-signature", "x-signature", "authorization", "x-time"];
  const headers = fc.dictionary(fc.constantFrom(...names), fc.array(fc.string(), { maxLength: 2 }));
  fc.assert(
    fc.property(fc.constantFrom(...FORMS), headers, fc.uint8Array(), fc.string(), (form, values, body, secret) => {
      const odd = { ...request, headers: new Map(Object.entries(values)), body };
      expect(verify(form[1], odd, [`${secret}x`], NOW_MS).ok).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test("several signatures in a list without keys, as Outpost sends while its secret rotates, are each tried", () => {
  const scheme = readScheme({
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["x-outpost-signature"], format: "kv", field: "v0", encoding: "hex" },
    content: "{ts}.{body}",
    ts: { header: "x-outpost-signature", kvField: "t", unit: "s", toleranceSec: 300 },
  });
  const headerOf = (secret: string): string => sign(scheme, request, secret, NOW_MS)["x-outpost-signature"]!;
  const both = `${headerOf("new")},${headerOf("old").replace(/^.*v0=/, "")}`;
  const sent = withHeaders(request, { "x-outpost-signature": both });
  for (const secret of ["new", "old"]) expect(verify(scheme, sent, [secret], NOW_MS)).toMatchObject({ ok: true });
  expect(verify(scheme, sent, ["another"], NOW_MS)).toMatchObject({ ok: false });
});

test("a secret that is written with its version, `v1,whsec_…`, is the secret", () => {
  const scheme = named("standard-webhooks");
  expect(verify(scheme, signed(scheme), [`v1,${KEY}`], NOW_MS)).toMatchObject({ ok: true });
  expect(verify(scheme, signed(scheme), [`v1,${OTHER_KEY}`], NOW_MS)).toMatchObject({ ok: false });
});

test("a list of signatures may stand in several lines, as one is sent for each secret, and one good is enough", () => {
  const scheme = named("mollie");
  const [good = "", other = ""] = [KEY, "another"].map(
    (key) => sign(scheme, request, key, NOW_MS)["x-mollie-signature"],
  );
  const judge = (...values: string[]): unknown =>
    verify(scheme, withHeaders(request, { "x-mollie-signature": values }), [KEY], NOW_MS);
  expect(judge(other, good)).toEqual({ ok: true, secretIndex: 0 });
  expect(judge(`${other}, ${good}`)).toEqual({ ok: true, secretIndex: 0 });
  expect(judge(other, other)).toEqual({ ok: false, reason: "signature_wrong" });
  expect(judge("", "")).toEqual({ ok: false, reason: "signature_missing" });
  expect(judge(good.replace("sha256=", ""))).toEqual({ ok: false, reason: "signature_unreadable" });
});
