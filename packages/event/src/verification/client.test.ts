import { expect, test } from "vitest";
import { findScheme } from "../catalog.ts";
import { readRange } from "./address.ts";
import type { WebhookRequest } from "../request.ts";
import type { Scheme } from "../scheme.ts";
import { verify } from "./verify.ts";

const LIST = "192.0.2.0/24,2001:db8::/32";
const PROXIES = ["10.0.0.0/8", "::1"];

function from(remoteAddress: string | undefined, headers: Readonly<Record<string, string[]>> = {}): WebhookRequest {
  return {
    method: "POST",
    url: "https://in.example.com/webhooks/x",
    path: "/webhooks/x",
    headers: new Map(Object.entries(headers)),
    body: Buffer.from("{}"),
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
  };
}

const named = (name: string): Scheme => findScheme(name) as Scheme;
const isAllowed = async (request: WebhookRequest, trustedProxies?: readonly string[]): Promise<boolean> =>
  (await verify(named("generic-ip-allow-list"), request, [LIST], 0, trustedProxies && { trustedProxies })).ok;

test.each([
  ["192.0.2.0", true],
  ["192.0.2.255", true],
  ["192.0.3.0", false],
  ["::ffff:192.0.2.77", true],
  ["::ffff:c000:24d", true],
  ["::192.0.2.77", false],
  ["2001:db8::1", true],
  ["2001:DB8:0:0:0:0:0:1", true],
  ["2001:db9::1", false],
  ["2001:db8::1%eth0", false],
  ["192.0.2.077", false],
  ["192.0.2", false],
  ["3221226061", false],
  ["2001:db8:::1", false],
  ["2001:db8::1::2", false],
  ["", false],
  [undefined, false],
])("a caller at %s is let in: %s", async (address, allowed) => {
  expect(await isAllowed(from(address))).toBe(allowed);
});

test.each([
  ["one proxy", "10.0.0.5", ["192.0.2.77"], true],
  ["two proxies", "10.0.0.5", ["192.0.2.77, 10.1.2.3"], true],
  ["two headers", "10.0.0.5", ["198.51.100.1", "192.0.2.77"], true],
  ["a port", "10.0.0.5", ["192.0.2.77:4711"], true],
  ["brackets and a port", "10.0.0.5", ["[2001:db8::1]:4711"], true],
  ["what the client wrote before a stranger's address", "10.0.0.5", ["192.0.2.77, 203.0.113.9"], false],
  ["a header from who is no proxy", "203.0.113.9", ["192.0.2.77"], false],
  ["a name instead of an address", "10.0.0.5", ["unknown"], false],
  ["nothing before the comma", "10.0.0.5", ["192.0.2.77,"], false],
  ["no header", "10.0.0.5", undefined, false],
] as const)("behind a trusted proxy %s counts as it should", async (_, peer, forwarded, allowed) => {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": [...forwarded] };
  expect(await isAllowed(from(peer, headers), PROXIES)).toBe(allowed);
});

test("without trusted proxies nobody is believed about another address", async () => {
  expect(await isAllowed(from("10.0.0.5", { "x-forwarded-for": ["192.0.2.77"] }))).toBe(false);
});

test.each(["192.0.2.0/33", "2001:db8::/129", "192.0.2.0/", "192.0.2.0/08", "example.com", "192.0.2.0/24/1"])(
  "%s is no range",
  (text) => {
    expect(readRange(text)).toBeUndefined();
  },
);

test("a range with spare bits means its network, and /0 everybody", () => {
  expect(readRange("192.0.2.77/24")).toBeDefined();
  expect(readRange("0.0.0.0/0")).toEqual({ base: 0xffff_0000_0000n, bits: 96 });
});

const certificate = (headers: Readonly<Record<string, string[]>>, peer = "10.0.0.5") =>
  verify(named("generic-mtls-header"), from(peer, headers), ["AB:cd:01"], 0, { trustedProxies: ["10.0.0.0/8"] });

test("a certificate counts whatever the spelling of its fingerprint, once, and only from a proxy", () => {
  const good = { "x-client-verify": ["SUCCESS"], "x-client-fingerprint": ["abCD01"] };
  expect(certificate(good)).toEqual({ ok: true, secretIndex: 0 });
  expect(certificate(good, "::ffff:10.0.0.5")).toEqual({ ok: true, secretIndex: 0 });
  expect(certificate(good, "203.0.113.9")).toEqual({ ok: false, reason: "proxy_untrusted" });
  const twice = { ...good, "x-client-fingerprint": ["abcd01", "abcd01"] };
  expect(certificate(twice)).toEqual({ ok: false, reason: "header_repeated" });
  for (const said of ["success", "NONE", "FAILED:expired", "SUCCESS "]) {
    expect(certificate({ ...good, "x-client-verify": [said] })).toMatchObject({ ok: false });
  }
  expect(certificate({ ...good, "x-client-fingerprint": ["abcd02"] })).toMatchObject({ ok: false });
});

test("unless proxies are listed, only one on this machine is believed about a certificate, and a list replaces it", () => {
  const headers = { "x-client-verify": ["SUCCESS"], "x-client-fingerprint": ["abcd01"] };
  const by = (peer: string, trustedProxies?: readonly string[]) =>
    verify(named("generic-mtls-header"), from(peer, headers), ["AB:cd:01"], 0, trustedProxies && { trustedProxies });
  for (const peer of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
    expect(by(peer)).toMatchObject({ ok: true });
  for (const peer of ["10.0.0.5", "192.168.0.1", "172.16.0.1", "::2", "128.0.0.1"]) {
    expect(by(peer)).toEqual({ ok: false, reason: "proxy_untrusted" });
  }
  expect(by("127.0.0.1", ["10.0.0.5"])).toEqual({ ok: false, reason: "proxy_untrusted" });
  expect(by("127.0.0.1", [])).toEqual({ ok: false, reason: "proxy_untrusted" });
});
