import { sign as signLikeGitHub } from "@octokit/webhooks-methods";
import { isValidSlackRequest } from "@slack/bolt/dist/receivers/verify-request.js";
import { findScheme, sign, type Scheme } from "@sluice/event";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Stripe } from "stripe";
import request from "supertest";
import { Webhook as SvixWebhook } from "svix";
import { expect, test } from "vitest";
import { NOW_MS, openDoor } from "./door.fixture.ts";

/*
 * The vendors' own libraries sign, and the door judges. Slack's only verifies: there both judge one request.
 */

const KEY = "whsec_c2xjMHNsYzBzbGMwc2xjMHNsYzBzbGMwc2xjMHNsYzA=";
const NOW = new Date(NOW_MS);
const SECONDS = NOW_MS / 1_000;
const slack = findScheme("slack") as Scheme;

type Headers = { readonly [name: string]: string };

const SIGNERS: readonly [scheme: string, sign: (body: string) => Headers | Promise<Headers>][] = [
  [
    "standard-webhooks",
    (body) => ({
      "webhook-id": "msg_1",
      "webhook-timestamp": String(SECONDS),
      "webhook-signature": new StandardWebhook(KEY).sign("msg_1", NOW, body),
    }),
  ],
  [
    "svix",
    (body) => ({
      "svix-id": "msg_1",
      "svix-timestamp": String(SECONDS),
      "svix-signature": new SvixWebhook(KEY).sign("msg_1", NOW, body),
    }),
  ],
  // Svix' own library takes these headers too.
  [
    "svix",
    (body) => ({
      "webhook-id": "msg_1",
      "webhook-timestamp": String(SECONDS),
      "webhook-signature": new SvixWebhook(KEY).sign("msg_1", NOW, body),
    }),
  ],
  [
    "stripe",
    (payload) => ({
      "stripe-signature": new Stripe("sk_test_none").webhooks.generateTestHeaderString({
        payload,
        secret: KEY,
        timestamp: SECONDS,
      }),
    }),
  ],
  ["github", async (body) => ({ "x-hub-signature-256": await signLikeGitHub(KEY, body), "x-github-delivery": "d-1" })],
  [
    "slack",
    (body) =>
      sign(slack, { method: "POST", url: "", path: "", headers: new Map(), body: Buffer.from(body) }, KEY, NOW_MS),
  ],
];

const BODY = JSON.stringify({ id: 7, type: "customer.updated", email: "ada@example.com", name: "Müller" });

async function statusOf(name: string, headers: Headers, body: string): Promise<number> {
  const secrets = [{ value: KEY, number: 1, notAfterMs: null }];
  const { app } = openDoor({ source: { scheme: findScheme(name) as Scheme, secrets } });
  const response = await request(app).post("/webhooks/shop").type("json").set(headers).send(body);
  return response.status;
}

test.each(SIGNERS)(
  "what %s's library signs is accepted, and nothing that was changed after it",
  async (name, signed) => {
    const headers = await signed(BODY);
    expect(await statusOf(name, headers, BODY)).toBe(name === "slack" ? 200 : 202);
    expect(await statusOf(name, headers, BODY.replace("7", "8"))).toBe(401);
  },
);

test("Slack's library and the door judge the same of a request", () => {
  const signed = sign(
    slack,
    { method: "POST", url: "", path: "", headers: new Map(), body: Buffer.from(BODY) },
    KEY,
    NOW_MS,
  );
  const verdictOn = (body: string): boolean =>
    isValidSlackRequest({
      signingSecret: KEY,
      body,
      headers: {
        "x-slack-signature": signed["x-slack-signature"] ?? "",
        "x-slack-request-timestamp": Number(signed["x-slack-request-timestamp"]),
      },
      nowMilliseconds: NOW_MS,
    });
  expect(verdictOn(BODY)).toBe(true);
  expect(verdictOn(BODY.replace("7", "8"))).toBe(false);
});
