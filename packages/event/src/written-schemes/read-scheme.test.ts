import { expect, test } from "vitest";
import { faultOfSecret } from "../verification/check-secret.ts";
import { findScheme, schemeNames, senders } from "../catalog.ts";
import { readScheme } from "./read-scheme.ts";
import { SchemeError, type SchemeFault } from "./scheme-error.ts";
import type { Scheme } from "../scheme.ts";
import { ORDINARY_EVENT } from "../schemes/ordinary.ts";

function faultsOf(value: unknown): readonly SchemeFault[] {
  try {
    readScheme(value);
  } catch (error) {
    if (error instanceof SchemeError) return error.faults;
    throw error;
  }
  return [];
}

const places = (value: unknown): string[] => faultsOf(value).map(({ place }) => place);

const WRITTEN = {
  type: "signature",
  alg: "hmac-sha256",
  key: "utf8",
  sig: { headers: ["x-signature"], encoding: "hex" },
  content: "{body}",
};

test("every name that is listed can be read, and hubspot is its current scheme", () => {
  for (const name of schemeNames()) expect(readScheme(name)).toBe(findScheme(name));
  expect(readScheme("hubspot").name).toBe("hubspot-v3");
});

test("an unknown name is told with all that are known", () => {
  expect(faultsOf("shopfy")).toEqual([
    { place: "", message: '"shopfy" is unknown', allowed: schemeNames().join(", ") },
  ]);
});

test.each([null, 5, [], true])("%j is no scheme", (value) => {
  expect(faultsOf(value)).toHaveLength(1);
});

test("generic-hmac takes its dimensions as parameters, header names in any case", () => {
  const scheme = readScheme({
    "generic-hmac": { header: "X-ERP-Signature", algorithm: "sha256", encoding: "base64", prefix: "sha256=" },
  });
  expect(scheme.check).toEqual({
    type: "signature",
    alg: "hmac-sha256",
    key: "utf8",
    sig: { headers: ["x-erp-signature"], format: "prefix", prefix: "sha256=", encoding: "base64" },
    content: "{body}",
  });
});

test("generic-hmac without parameters is the scheme of that name", () => {
  expect(readScheme({ "generic-hmac": {} }).check).toEqual(readScheme("generic-hmac").check);
});

test("generic-hmac with a time signs the time", () => {
  expect(readScheme({ "generic-hmac": { timestamp: { header: "x-time" } } }).check).toMatchObject({
    content: "{ts}.{body}",
    ts: { header: "x-time", unit: "s", toleranceSec: 300 },
  });
});

test("all faults are told at once, each with its place and what is allowed there", () => {
  const faults = faultsOf({
    "generic-hmac": { header: "x y", algorithm: "md5", encoding: 64, timestamp: { unit: "h" }, colour: "red" },
  });
  expect(faults.map(({ place }) => place).toSorted()).toEqual([
    "generic-hmac.algorithm",
    "generic-hmac.colour",
    "generic-hmac.encoding",
    "generic-hmac.header",
    "generic-hmac.timestamp.header",
    "generic-hmac.timestamp.unit",
  ]);
  expect(faults.every(({ allowed }) => allowed !== "")).toBe(true);
  expect(faults.find(({ place }) => place.endsWith("algorithm"))?.allowed).toBe("sha256, sha512, sha1");
});

test("a scheme that is written out is read as it stands", () => {
  expect(readScheme(WRITTEN).check).toEqual({ ...WRITTEN, sig: { ...WRITTEN.sig, format: "plain" } });
});

test.each(senders())("what $name's own file says can be written out, and is read as it stands", (sender) => {
  const { check, handshakes = [], body, event, reply, limits } = sender;
  const rest = body === undefined ? {} : { body };
  const asked = handshakes.length === 0 ? {} : { handshakes };
  const written: unknown = JSON.parse(JSON.stringify({ ...check, ...asked, event, reply, limits, ...rest }));
  const read = { name: "written-out", title: "Written out", check, handshakes, event, reply, limits, ...rest };
  expect(readScheme(written)).toEqual(
    // Without marks of its own, a deletion looks as it does ordinarily.
    event.delete === undefined ? { ...read, event: { ...event, delete: ORDINARY_EVENT.delete } } : read,
  );
});

test.each([
  ["a type that is unknown", { ...WRITTEN, type: "magic" }, "type"],
  ["a misspelt member", { ...WRITTEN, requird: ["a"] }, "requird"],
  ["a format without what it needs", { ...WRITTEN, sig: { ...WRITTEN.sig, format: "kv" } }, "sig.field"],
  ["a content that leaves out the body", { ...WRITTEN, content: "{method}" }, "content"],
  ["a content with an unknown token", { ...WRITTEN, content: "{body}{bdy}" }, "content"],
  ["a time in the content that is read nowhere", { ...WRITTEN, content: "{ts}{body}" }, "ts"],
  ["a time that is not signed", { ...WRITTEN, ts: { header: "x-time", unit: "s" } }, "content"],
  ["a plain hash without the secret", { ...WRITTEN, alg: "sha256" }, "content"],
  ["an RSA signature without PEM", { ...WRITTEN, alg: "rsa-sha256" }, "key"],
  ["no header", { ...WRITTEN, sig: { ...WRITTEN.sig, headers: [] } }, "sig.headers"],
  ["a token from nowhere", { type: "token", from: "body" }, "from"],
  ["a template with an unknown placeholder", { type: "bearer", event: { id: "{evnt.id}" } }, "event.id"],
  ["data that is not one placeholder", { type: "bearer", event: { data: "{event.a}{event.b}" } }, "event.data"],
  [
    "a time unit that is unknown",
    { type: "bearer", event: { time: [{ from: "{event.t}", unit: "h" }] } },
    "event.time[0].unit",
  ],
  ["a mark without a pattern", { type: "bearer", event: { delete: { in: "{event.a}" } } }, "event.delete.fits"],
  ["a pattern that is none", { type: "bearer", event: { thin: [{ in: "{each}", fits: "(" }] } }, "event.thin[0].fits"],
  [
    "a version's unknown unit",
    { type: "bearer", event: { version: { from: "{each}", unit: "h" } } },
    "event.version.unit",
  ],
  ["a split without its path", { type: "bearer", event: { split: { carry: ["a"] } } }, "event.split.at"],
  ["a handshake of no kind", { type: "bearer", handshakes: [{ kind: "wave" }] }, "handshakes[0].kind"],
  [
    "a misspelt member of a handshake",
    { type: "bearer", handshakes: { kind: "json-echo", field: "a", as: "b" } },
    "handshakes.as",
  ],
  ["a form of body that is unknown", { type: "bearer", body: "yaml" }, "body"],
  ["a body without end", { type: "bearer", limits: { bodyBytes: 1e12 } }, "limits.bodyBytes"],
  ["a method that delivers nothing", { type: "bearer", limits: { methods: ["TRACE"] } }, "limits.methods"],
  [
    "an overload that no sender reads",
    { type: "bearer", reply: { overload: { status: 500 } } },
    "reply.overload.status",
  ],
  [
    "a reply with a status alone in an object",
    { type: "bearer", reply: { success: { body: "none" } } },
    "reply.success.status",
  ],
  ["one of several checks", { type: "any", of: [{ type: "bearer" }, { type: "tokn" }] }, "of[1].type"],
  ["several checks in several", { type: "any", of: [{ type: "any", of: [] }] }, "of[0].type"],
  ["several checks of which there are none", { type: "any", of: [] }, "of"],
  ["a stronger check's member", { ...WRITTEN, stronger: { ...WRITTEN, alg: "md5" } }, "stronger.alg"],
  ["a published key's host with a path", { ...WRITTEN, remote: { host: "a/b" } }, "remote.host"],
])("%s is a fault", (_, value, place) => {
  expect(places(value)).toContain(place);
});

test("a secret that gives no key is told without being repeated", () => {
  const standard = findScheme("standard-webhooks") as Scheme;
  expect(faultOfSecret(standard, "whsec_not base64!")).toMatch(/base64 \(after whsec_\)/);
  expect(faultOfSecret(standard, "whsec_not base64!")).not.toContain("not base64!");
  expect(faultOfSecret(standard, "whsec_c2xjMHNsYzBzbGMwc2xjMHNsYzBzbGMwc2xjMHNsYzA=")).toBeUndefined();
  expect(faultOfSecret(findScheme("shopify") as Scheme, "anything")).toBeUndefined();
  expect(faultOfSecret(findScheme("shopify") as Scheme, "")).toBe("is empty");
});

test("the statuses that a sender insists on are part of a scheme that is written out", () => {
  const reply = { success: 200, notAuthentic: 403 };
  const expected = { success: { status: 200, body: "none" }, notAuthentic: { status: 403, body: "none" } };
  expect(readScheme({ ...WRITTEN, reply }).reply).toEqual(expected);
  expect(readScheme({ "generic-hmac": { reply } }).reply).toEqual(expected);
  expect(places({ ...WRITTEN, reply: { success: 700, succes: 200 } })).toEqual(["reply.success", "reply.succes"]);
});

test("a list that some events lack, an item of a list, an order within a millisecond and a HEAD can be written out", () => {
  const event = {
    each: { at: "lost", otherwise: "one" },
    time: { from: "{event.at}", unit: "ms", ordinal: "{event.place}" },
    thin: { lacks: "{event.values[id=each].set}" },
  };
  const scheme = readScheme({ ...WRITTEN, handshakes: [{ kind: "head" }], event });
  expect(scheme.handshakes).toEqual([{ kind: "head" }]);
  expect(scheme.event).toMatchObject({ each: event.each, time: [event.time], thin: [event.thin] });
  expect(places({ ...WRITTEN, event: { each: { at: "lost" } } })).toEqual(["event.each.otherwise"]);
  expect(places({ ...WRITTEN, event: { time: { from: "{event.at}", ordinal: "{event.x}{nothing}" } } })).toEqual([
    "event.time.ordinal",
  ]);
});
