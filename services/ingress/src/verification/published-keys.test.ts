import { createHash, generateKeyPairSync, sign as signWithKey } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { findScheme, type Scheme } from "@sluice/event";
import { createLog } from "@sluice/runtime";
import { SignJWT, exportJWK } from "jose";
import request from "supertest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NOW_MS, openDoor } from "../door.fixture.ts";
import { LIMITS } from "../limits.ts";
import { createPublishedKeys } from "./published-keys.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = publicKey.export({ type: "spki", format: "pem" }).toString();
const CLIENT = "c5a34355b7f5491f8277b8dd63f0bfa3";
const log = createLog({ role: "ingress", to: { write: () => undefined } });

let asked: string[];
let answer: { status: number; text: string };
let close: () => Promise<void>;
let read: (url: string) => Promise<string>;
let nowMs: number;

beforeEach(async () => {
  asked = [];
  answer = { status: 200, text: PEM };
  nowMs = NOW_MS;
  const server = createServer((_request, response) => response.writeHead(answer.status).end(answer.text));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  read = async (url) => {
    asked.push(url);
    const response = await fetch(`http://127.0.0.1:${port}/`);
    if (response.status !== 200) throw new Error(`the answer is ${response.status}`);
    return await response.text();
  };
  close = async () => {
    server.close();
    await once(server, "close");
  };
});

afterEach(async () => await close());

const keysHere = () => createPublishedKeys({ clock: { nowMs: () => nowMs }, log, read });

function adobe(changed: { readonly client?: string; readonly path?: string } = {}) {
  const body = JSON.stringify({
    eventid: "e-1",
    recipientclientid: changed.client ?? CLIENT,
    data: { value: { id: 7 } },
  });
  const signature = signWithKey("RSA-SHA256", Buffer.from(body), privateKey).toString("base64");
  const headers = {
    "content-type": "application/json",
    "x-adobe-digital-signature-1": signature,
    "x-adobe-digital-signature-2": signature,
    "x-adobe-public-key1-path": changed.path ?? "/prod/keys/pub-key-aaaa.pem",
    "x-adobe-public-key2-path": changed.path ?? "/prod/keys/pub-key-bbbb.pem",
  };
  return { body, headers };
}

function adobeDoor(publishedKeys = keysHere()) {
  const scheme = findScheme("adobe-io-events") as Scheme;
  const secrets = [{ value: CLIENT, number: 1, notAfterMs: null }];
  const door = openDoor({ publishedKeys, source: { scheme, secrets } });
  const send = (event = adobe()) => request(door.app).post("/webhooks/shop").set(event.headers).send(event.body);
  return { send, publishedKeys };
}

test("Adobe's keys are fetched while the first request is told to come back, and then serve", async () => {
  const { send, publishedKeys } = adobeDoor();
  const cold = await send();
  expect([cold.status, cold.body.error.code, cold.headers["retry-after"]]).toEqual([429, "keys_unavailable", "5"]);
  await publishedKeys.settled();
  expect((await send()).status).toBe(200);
  expect(asked.toSorted()).toEqual([
    "https://static.adobeioevents.com/prod/keys/pub-key-aaaa.pem",
    "https://static.adobeioevents.com/prod/keys/pub-key-bbbb.pem",
  ]);
});

test.each([
  ["another client's event", { client: "someone-else" }],
  ["a key elsewhere on the host", { path: "/prod/other.pem" }],
  ["a path that leads to another host", { path: "@evil.example/prod/keys/pub-key-aaaa.pem" }],
  ["a path with a way up", { path: "/prod/keys/../pub-key-aaaa.pem" }],
])("%s makes nobody fetch anything", async (_, changed) => {
  const { send, publishedKeys } = adobeDoor();
  const { status } = await send(adobe(changed));
  await publishedKeys.settled();
  expect(status).not.toBe(200);
  expect(asked).toEqual([]);
});

test("old keys serve while new ones are fetched, for a day at most", async () => {
  const keys = keysHere();
  const url = "https://issuer.example/jwks";
  expect(keys.known([url]).size).toBe(0);
  await keys.settled();
  answer = { status: 500, text: "" };
  nowMs += LIMITS.keyFreshMs + 1;
  expect(keys.known([url]).get(url)).toBe(PEM);
  await keys.settled();
  expect(keys.known([url]).get(url)).toBe(PEM);
  expect(asked).toHaveLength(2);
  nowMs = NOW_MS + LIMITS.keyKeepMs + 1;
  expect(keys.known([url]).size).toBe(0);
  await keys.settled();
});

test("a key set that the configuration names by URL verifies tokens, with the body's digest", async () => {
  const url = "https://issuer.example/jwks";
  answer = { status: 200, text: JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "k1" }] }) };
  const publishedKeys = keysHere();
  publishedKeys.known([url]);
  await publishedKeys.settled();
  const scheme = findScheme("generic-jwt-jwks") as Scheme;
  const { app } = openDoor({
    publishedKeys,
    source: { scheme, secrets: [{ value: url, number: 1, notAfterMs: null }] },
  });
  const body = JSON.stringify({ event_id: "e-1", id: 7, updated_at: "2026-11-05T11:59:57Z" });
  const token = await new SignJWT({ body_sha256: createHash("sha256").update(body).digest("base64url") })
    .setProtectedHeader({ alg: "RS256", kid: "k1" })
    .setIssuer("https://issuer.example")
    .setAudience("sluice")
    .setExpirationTime(NOW_MS / 1_000 + 60)
    .sign(privateKey);
  const send = (text: string) =>
    request(app)
      .post("/webhooks/shop")
      .set({ authorization: `Bearer ${token}` })
      .type("json")
      .send(text);
  expect((await send(body)).status).toBe(202);
  expect((await send(body.replace("7", "8"))).status).toBe(401);
});
