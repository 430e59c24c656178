import { generateKeyPairSync, createHash } from "node:crypto";
import { exportJWK, SignJWT } from "jose";
import { beforeAll, expect, test } from "vitest";
import { findScheme } from "../catalog.ts";
import { readScheme } from "../written-schemes/read-scheme.ts";
import type { WebhookRequest } from "../request.ts";
import type { Scheme } from "../scheme.ts";
import { verify } from "./verify.ts";

const NOW_MS = 1_793_880_000_000;
const NOW = NOW_MS / 1_000;
const SECRET = "a signing secret of some length";
const URL_GIVEN = "https://in.example.com/webhooks/monday";
const monday = findScheme("monday") as Scheme;
const jwks = findScheme("generic-jwt-jwks") as Scheme;
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const body = Buffer.from('{"id":7}');

function requestOf(authorization: string | readonly string[]): WebhookRequest {
  const headers = new Map([["authorization", [authorization].flat()]]);
  return { method: "POST", url: URL_GIVEN, path: "/webhooks/monday", headers, body };
}

type Made = { readonly claims?: object; readonly header?: object; readonly secret?: string };

const made = async ({ claims = {}, header = {}, secret = SECRET }: Made = {}): Promise<string> =>
  await new SignJWT({ aud: URL_GIVEN, exp: NOW + 60, ...claims })
    .setProtectedHeader({ alg: "HS256", ...header })
    .sign(new TextEncoder().encode(secret));

const unsigned = (header: object): string =>
  [header, { aud: URL_GIVEN, exp: NOW + 60 }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");

const judge = async (token: string | readonly string[], secrets: readonly string[] = [SECRET]) =>
  await verify(monday, requestOf(token), secrets, NOW_MS);

test("a good token is accepted, with the secret that fits", async () => {
  expect(await judge(await made(), ["another", SECRET])).toEqual({ ok: true, secretIndex: 1 });
  expect(await judge(await made({ header: { typ: "JWT" } }))).toMatchObject({ ok: true });
});

test.each([
  ["another secret", { secret: "another" }],
  ["another audience", { claims: { aud: "https://other.example.com" } }],
  ["no audience", { claims: { aud: undefined } }],
  ["a time at which it has ended", { claims: { exp: NOW } }],
  ["no end", { claims: { exp: undefined } }],
  ["a beginning in the future", { claims: { nbf: NOW + 1 } }],
  ["another type of token", { header: { typ: "dpop+jwt" } }],
  ["an algorithm of the same family", { header: { alg: "HS512" } }],
  ["an extension that is critical and unknown", { header: { crit: ["x"], x: 1 } }],
] as const)("a token with %s is refused", async (_, changed) => {
  const token = await made(changed as Made).catch(() => "unsignable");
  expect(await judge(token)).toMatchObject({ ok: false });
});

test("a token without a signature is refused, however it spells that", async () => {
  for (const alg of ["none", "None", "NONE", "HS256"]) {
    expect(await judge(`${unsigned({ alg })}.`)).toMatchObject({ ok: false });
  }
});

test("a token that comes twice, or after a word that does not belong there, is refused", async () => {
  const token = await made();
  expect(await judge([token, token])).toEqual({ ok: false, reason: "header_repeated" });
  expect(await judge(`Bearer ${token}`)).toMatchObject({ ok: false });
  expect(await judge(`${token}, ${token}`)).toMatchObject({ ok: false });
  expect(await judge("")).toEqual({ ok: false, reason: "credential_missing" });
});

test("an empty secret verifies nothing, and a flipped byte of the signature neither", async () => {
  const token = await made();
  expect(await judge(token, [""])).toMatchObject({ ok: false });
  const end = token.endsWith("A") ? "Q" : "A";
  expect(await judge(token.slice(0, -5) + end + token.slice(-4))).toMatchObject({ ok: false });
});

let keySet: string;
beforeAll(async () => {
  keySet = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256", use: "sig" }] });
});

async function judgeSigned(claims: object, header: object, scheme = jwks) {
  const digest = createHash("sha256").update(body).digest("base64url");
  const token = await new SignJWT({
    iss: "https://issuer.example",
    aud: "sluice",
    exp: NOW + 60,
    body_sha256: digest,
    ...claims,
  })
    .setProtectedHeader({ alg: "RS256", kid: "k1", ...header })
    .sign(privateKey);
  return await verify(scheme, requestOf(`bearer ${token}`), [keySet], NOW_MS);
}

test("of a key set the key counts that the token names, within the issuer, the audience and the minute", async () => {
  expect(await judgeSigned({}, {})).toMatchObject({ ok: true });
  expect(await judgeSigned({}, { kid: undefined })).toMatchObject({ ok: true });
  expect(await judgeSigned({ exp: NOW - 59 }, {})).toMatchObject({ ok: true });
  expect(await judgeSigned({ exp: NOW - 60 }, {})).toEqual({ ok: false, reason: "token_expired" });
  expect(await judgeSigned({ nbf: NOW + 61 }, {})).toMatchObject({ ok: false });
  expect(await judgeSigned({ iss: "https://issuer.example/" }, {})).toMatchObject({ ok: false });
  expect(await judgeSigned({ aud: ["other", "sluice"] }, {})).toMatchObject({ ok: true });
  expect(await judgeSigned({}, { kid: "k2" })).toMatchObject({ ok: false });
  expect(await judgeSigned({}, { alg: "PS256" })).toMatchObject({ ok: false });
  expect(await judgeSigned({ body_sha256: undefined }, {})).toMatchObject({ ok: false });
});

test("while an issuer publishes two keys, a token that names none may be of either, and of no other", async () => {
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keys = await Promise.all([other.publicKey, publicKey].map(async (key) => ({ ...(await exportJWK(key)) })));
  const set = JSON.stringify({ keys });
  const token = await new SignJWT({ exp: NOW + 60 }).setProtectedHeader({ alg: "RS256" }).sign(privateKey);
  const scheme = readScheme({ type: "jwt", alg: "RS256", jwks: true });
  expect(await verify(scheme, requestOf(`Bearer ${token}`), [set], NOW_MS)).toMatchObject({ ok: true });
  const others = JSON.stringify({ keys: [keys[0], keys[0]] });
  expect(await verify(scheme, requestOf(`Bearer ${token}`), [others], NOW_MS)).toMatchObject({ ok: false });
});

test("a public key is no key of an HMAC, whatever the token says", async () => {
  for (const key of [keySet, publicKey.export({ type: "spki", format: "pem" }).toString()]) {
    const token = await new SignJWT({ iss: "https://issuer.example", aud: "sluice", exp: NOW + 60 })
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .sign(new TextEncoder().encode(key));
    expect(await verify(jwks, requestOf(`Bearer ${token}`), [keySet], NOW_MS)).toMatchObject({ ok: false });
  }
});

test("a scheme that is written out pins its algorithm, and an HMAC goes with no key set", () => {
  expect(() => readScheme({ type: "jwt", alg: "none" })).toThrow(/alg/);
  expect(() => readScheme({ type: "jwt", alg: "HS256", jwks: true })).toThrow(/jwks/);
  expect(() => readScheme({ type: "jwt", alg: "RS256" })).toThrow(/jwks/);
  expect(readScheme({ type: "jwt", alg: "ES256", jwks: true, iss: "i", aud: "a" }).check).toMatchObject({
    alg: "ES256",
  });
});
