import { generateKeyPairSync } from "node:crypto";
import { exportJWK, SignJWT } from "jose";
import { expect, test } from "vitest";
import { findSender } from "../catalog.ts";
import { faultOfSecret } from "../verification/check-secret.ts";
import { greet } from "../greet.ts";
import { readEvents } from "../events/read-events.ts";
import type { WebhookRequest } from "../request.ts";
import { verify } from "../verification/verify.ts";

const zohoDesk = findSender("zoho-desk")!;

const NOW_MS = 1_793_880_000_000;
const SET = "https://desk.zoho.eu/.well-known/jwks.json";
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const keySet = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "RS256" }] });

const requestOf = (body: string, headers: Readonly<Record<string, string>> = {}, method = "POST"): WebhookRequest => ({
  method,
  url: "https://in.example.com/webhooks/desk",
  path: "/webhooks/desk",
  headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
  body: Buffer.from(body),
});

async function judge(aud: string, secret = `${SET}#webhookId:7`) {
  const token = await new SignJWT({ iss: "orgId:1", aud, iat: NOW_MS / 1000, exp: NOW_MS / 1000 + 600 })
    .setProtectedHeader({ alg: "RS256", kid: "1" })
    .sign(privateKey);
  const request = requestOf("[]", { "x-zdesk-jwt": token });
  return await verify(zohoDesk, request, [secret], NOW_MS, { keys: new Map([[secret, keySet]]) });
}

test("a token is for one webhook: those for others, which the same keys sign, prove nothing", async () => {
  expect(await judge("webhookId:7")).toEqual({ ok: true, secretIndex: 0 });
  expect(await judge("webhookId:8")).toEqual({ ok: false, reason: "token_wrong" });
  expect(await judge("webhookId:7", SET)).toEqual({ ok: false, reason: "token_wrong" });
});

test("an address that names no webhook is refused where it is configured", () => {
  expect(faultOfSecret(zohoDesk, `${SET}#webhookId:7`)).toBeUndefined();
  for (const secret of [SET, `${SET}#`, keySet, "webhookId:7"]) expect(faultOfSecret(zohoDesk, secret)).toMatch(/#/);
});

test("what Zoho asks before it saves a webhook is answered, and is no event", () => {
  expect(greet(zohoDesk, requestOf("", {}, "GET"))).toMatchObject({ status: 200 });
  expect(greet(zohoDesk, requestOf('{"{}":""}'))).toMatchObject({ status: 200 });
  expect(greet(zohoDesk, requestOf("[]"))).toBeUndefined();
});

test("a deletion is one, and of two changes each has its own time", () => {
  const event = (eventType: string, eventTime: string) => ({ eventType, eventTime, orgId: "1", payload: { id: "5" } });
  const body = JSON.stringify([event("Contact_Update", "1793879997412"), event("Contact_Delete", "1793879997413")]);
  expect(readEvents(zohoDesk, requestOf(body), "it")).toMatchObject([
    { type: "Contact_Update", time: "2026-11-05T11:59:57.412Z", data: { id: "5" } },
    { type: "Contact_Delete", time: "2026-11-05T11:59:57.413Z", operation: "delete" },
  ]);
});
