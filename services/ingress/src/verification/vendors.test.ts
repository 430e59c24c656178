import { sign as signLikeGitHub, verify as verifyLikeGitHub } from "@octokit/webhooks-methods";
import { isValidSlackRequest } from "@slack/bolt/dist/receivers/verify-request.js";
import { Paddle } from "@paddle/paddle-node-sdk";
import { findScheme, findSender, sign, type Scheme, type Sender } from "@sluice/event";
import { CloudEvent, HTTP } from "cloudevents";
import { parse as parseLikeGoCardless } from "gocardless-nodejs/webhooks";
import Razorpay from "razorpay";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Stripe } from "stripe";
import request from "supertest";
import { Webhook as SvixWebhook } from "svix";
import { getExpectedTwilioSignature, validateRequest } from "twilio/lib/webhooks/webhooks.js";
import { expect, test } from "vitest";
import { NOW_MS, openDoor } from "../door.fixture.ts";

/*
 * The vendors' own libraries sign, and the door judges; and they judge webhooks that `sluice send` signs. Slack's, Paddle's,
 * GoCardless' and Razorpay's only verify. HubSpot's, Square's, Shopify's and Adyen's take more than 30 MB each: they, Linear's and
 * Notion's are tried by `pnpm vendors`. Xero's, Intuit's, Mollie's, Checkout.com's, PagerDuty's, Recurly's, Klaviyo's and
 * WooCommerce's have no helper for webhooks.
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

const RIGHT_NOW = (): Date => new Date();

/** How each library judges a request; it reads the clock itself. */
const JUDGES: readonly [scheme: string, judge: (headers: Headers, body: string) => unknown][] = [
  ["standard-webhooks", (headers, body) => new StandardWebhook(KEY).verify(body, headers)],
  ["svix", (headers, body) => (new SvixWebhook(KEY).verify(body, headers), true)],
  [
    "stripe",
    (headers, body) => new Stripe("sk_test_none").webhooks.constructEvent(body, headers["stripe-signature"]!, KEY),
  ],
  ["github", async (headers, body) => await verifyLikeGitHub(KEY, body, headers["x-hub-signature-256"]!)],
  [
    "paddle",
    async (headers, body) =>
      await new Paddle("pdl_none").webhooks.isSignatureValid(body, KEY, headers["paddle-signature"]!),
  ],
  ["gocardless", (headers, body) => parseLikeGoCardless(body, KEY, headers["webhook-signature"]!)],
  ["razorpay", (headers, body) => Razorpay.validateWebhookSignature(body, headers["x-razorpay-signature"]!, KEY)],
];

test.each(JUDGES)(
  "%s's library takes what is signed here, and nothing that was changed after it",
  async (name, judge) => {
    const sender = findSender(name) as Sender;
    const body = JSON.stringify(sender.sample.body);
    const asked = {
      method: "POST",
      url: "https://in.example.com/webhooks/shop",
      path: "/webhooks/shop",
      headers: new Map(Object.entries(sender.sample.headers).map(([header, value]) => [header, [value]])),
      body: Buffer.from(body),
    };
    const headers = { ...sender.sample.headers, ...sign(sender, asked, KEY, RIGHT_NOW().getTime()) };
    const verdictOn = async (sent: string): Promise<boolean> => {
      try {
        return (await judge(headers, sent)) !== false;
      } catch {
        return false;
      }
    };
    expect(await verdictOn(body)).toBe(true);
    expect(await verdictOn(body.replace(/[0-9]/, "#"))).toBe(false);
  },
);

const TWILIO_URL = "https://in.example.com/webhooks/shop?a=1";
const TWILIO_FIELDS = { MessageSid: "SM1", MessageStatus: "delivered", From: "+4930123456", Body: "a b & c=ü" };

test("Twilio's library signs a form, the door judges, and the library takes what is signed here", async () => {
  const body = new URLSearchParams(TWILIO_FIELDS).toString();
  const scheme = findScheme("twilio") as Scheme;
  const secrets = [{ value: KEY, number: 1, notAfterMs: null }];
  const { app } = openDoor({ source: { scheme, secrets, publicUrl: TWILIO_URL } });
  const statusOfForm = async (sent: string): Promise<number> => {
    const signature = getExpectedTwilioSignature(KEY, TWILIO_URL, TWILIO_FIELDS);
    const response = await request(app)
      .post("/webhooks/shop")
      .type("form")
      .set("x-twilio-signature", signature)
      .send(sent);
    return response.status;
  };
  expect(await statusOfForm(body)).toBe(200);
  expect(await statusOfForm(body.replace("delivered", "failed"))).toBe(401);
  const form = { method: "POST", url: TWILIO_URL, path: "/webhooks/shop", headers: new Map(), body: Buffer.from(body) };
  const own = sign(scheme, form, KEY, NOW_MS)["x-twilio-signature"] ?? "";
  expect(validateRequest(KEY, own, TWILIO_URL, TWILIO_FIELDS)).toBe(true);
  expect(validateRequest(KEY, own, TWILIO_URL, { ...TWILIO_FIELDS, MessageStatus: "failed" })).toBe(false);
});

test("what CloudEvents' library sends in each of its modes becomes the same event", async () => {
  const event = new CloudEvent({
    id: "A/1",
    source: "/crm",
    type: "com.example.updated",
    time: "2026-11-05T11:59:57Z",
    data: { id: 7 },
  });
  const secrets = [{ value: KEY, number: 1, notAfterMs: null }];
  const door = openDoor({ source: { scheme: findScheme("cloudevents") as Scheme, secrets } });
  for (const { headers, body } of [HTTP.binary(event), HTTP.structured(event)]) {
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    const response = await request(door.app)
      .post("/webhooks/shop")
      .set({ ...sent, authorization: `Bearer ${KEY}` })
      .serialize((raw: unknown) => raw as string)
      .send(body as string);
    expect(response.status).toBe(202);
  }
  const [binary, structured] = door.admitted.flat();
  expect(binary?.event).toMatchObject({ id: "/crm A/1", type: "com.example.updated", data: { id: 7 } });
  expect(structured?.event).toMatchObject({ id: "/crm A/1", type: "com.example.updated", data: { id: 7 } });
});
