import { createSign, generateKeyPairSync } from "node:crypto";
import { findScheme, type Scheme } from "@sluice/event";
import { createLog } from "@sluice/runtime";
import request from "supertest";
import { expect, test } from "vitest";
import { NOW_MS, openDoor } from "../door.fixture.ts";
import { LIMITS } from "../limits.ts";
import { createPublishedKeys } from "../verification/published-keys.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = publicKey.export({ type: "spki", format: "pem" }).toString();
const TOPIC = "arn:aws:sns:eu-central-1:111122223333:customers";
const HOST = "https://sns.eu-central-1.amazonaws.com";
const CERTIFICATE = `${HOST}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem`;
const CONFIRM = `${HOST}/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=2336412f37`;
const log = createLog({ role: "ingress", to: { write: () => undefined } });

type Message = { readonly [member: string]: string };

/** Signs as Amazon's page says, and not with the engine that judges it. */
function signed(message: Message, names: readonly string[]): Message {
  const text = names
    .filter((name) => name in message)
    .map((name) => `${name}\n${message[name]}\n`)
    .join("");
  const hash = message["SignatureVersion"] === "1" ? "RSA-SHA1" : "RSA-SHA256";
  return { ...message, Signature: createSign(hash).update(text).sign(privateKey, "base64") };
}

const BASE: Message = {
  MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
  TopicArn: TOPIC,
  Message: '{"type":"customer.updated","id":"C-1"}',
  Timestamp: new Date(NOW_MS).toISOString(),
  SignatureVersion: "2",
  SigningCertURL: CERTIFICATE,
};
const NOTIFIED = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
const CONFIRMED = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
const notification = (changed: Message = {}): Message =>
  signed({ ...BASE, Type: "Notification", ...changed }, NOTIFIED);
const confirmation = (changed: Message = {}): Message =>
  signed(
    { ...BASE, Type: "SubscriptionConfirmation", Token: "2336412f37", SubscribeURL: CONFIRM, ...changed },
    CONFIRMED,
  );

/** A door for the topic, which has Amazon's certificate already unless it is `cold`. */
async function openSns({ cold = false }: { readonly cold?: boolean } = {}) {
  const asked: string[] = [];
  const visited: string[] = [];
  const publishedKeys = createPublishedKeys({
    clock: { nowMs: () => NOW_MS },
    log,
    read: async (url) => {
      asked.push(url);
      if (url !== CERTIFICATE) throw new Error("the answer is 403");
      return PEM;
    },
  });
  const door = openDoor({
    publishedKeys,
    validationVisits: { begin: (_source, url) => void visited.push(url), settled: async () => {} },
    source: { scheme: findScheme("amazon-sns") as Scheme, secrets: [{ value: TOPIC, number: 1, notAfterMs: null }] },
  });
  const send = (body: object | string) =>
    request(door.app)
      .post("/webhooks/shop")
      .type("text/plain; charset=UTF-8")
      .send(typeof body === "string" ? body : JSON.stringify(body));
  if (!cold) {
    publishedKeys.known([CERTIFICATE]);
    await publishedKeys.settled();
    asked.length = 0;
  }
  return { door, send, asked, visited, settled: publishedKeys.settled };
}

test("the certificate is fetched while the first message is told to come back, and then serves", async () => {
  const { door, send, asked, settled } = await openSns({ cold: true });
  const first = await send(notification());
  expect([first.status, first.body.error.code, first.headers["retry-after"]]).toEqual([503, "keys_unavailable", "5"]);
  await settled();
  expect((await send(notification())).status).toBe(200);
  expect(asked).toEqual([CERTIFICATE]);
  expect(door.admitted).toHaveLength(1);
});

test.each<[string, Message]>([
  ["with SHA-1, as topics sign unless they are told otherwise", { SignatureVersion: "1" }],
  ["with a subject", { Subject: "Customer updated" }],
  ["with a text of several lines", { Message: "one\ntwo\nMessageId\nthree" }],
  ["published almost an hour ago", { Timestamp: new Date(NOW_MS - 3_600_000).toISOString() }],
])("a message is taken %s", async (_, changed) => {
  const { send } = await openSns();
  expect((await send(notification(changed))).status).toBe(200);
});

test.each<[string, object | string]>([
  ["another text", { ...notification(), Message: "{}" }],
  ["another id", { ...notification(), MessageId: "another" }],
  ["a subject that was not signed", { ...notification(), Subject: "x" }],
  ["the version of the other hash", { ...notification(), SignatureVersion: "1" }],
  ["a version that nobody knows", { ...notification(), SignatureVersion: "3" }],
  ["another type", { ...notification(), Type: "SubscriptionConfirmation", SubscribeURL: CONFIRM, Token: "2336412f37" }],
  ["no signature", { ...notification(), Signature: "" }],
  [
    "a signature in base64url",
    { ...notification(), Signature: Buffer.from(notification()["Signature"]!, "base64").toString("base64url") },
  ],
  ["another topic of the same sender", notification({ TopicArn: `${TOPIC}-2` })],
  ["two hours of age", notification({ Timestamp: new Date(NOW_MS - 7_200_000).toISOString() })],
  ["itself in a list", [notification()]],
  [
    "its parts moved: the id takes the subject in",
    (() => {
      const { Subject: subject, ...rest } = notification({ Subject: "s" });
      return { ...rest, MessageId: `${rest["MessageId"]}\nSubject\n${subject}` };
    })(),
  ],
])("a message with %s is refused", async (_, body) => {
  const { door, send, visited } = await openSns();
  const { status, body: answer } = await send(body);
  expect([status, answer.error.code]).toEqual([401, "not_authentic"]);
  expect(door.admitted).toEqual([]);
  expect(visited).toEqual([]);
});

test.each([
  [
    "the bucket of a stranger",
    "https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
  ],
  ["another host", CERTIFICATE.replace("amazonaws.com", "amazonaws.com.example.com")],
  ["a user before the host", CERTIFICATE.replace("https://", "https://sns.eu-central-1.amazonaws.com@example.com/")],
  ["http", CERTIFICATE.replace("https", "http")],
  ["a port", CERTIFICATE.replace(".com/", ".com:8443/")],
  ["another file", `${HOST}/other.pem`],
  ["a way up", `${HOST}/x/../SimpleNotificationService-0123456789abcdef0123456789abcdef.pem`],
  ["a query", `${CERTIFICATE}?x`],
])("a certificate at %s is never fetched, and its message refused", async (_, SigningCertURL) => {
  const { door, send, asked, settled } = await openSns({ cold: true });
  const { status } = await send(notification({ SigningCertURL }));
  await settled();
  expect([status, asked, door.admitted]).toEqual([401, [], []]);
});

test("a message for another topic makes nobody fetch anything", async () => {
  const { send, asked, settled } = await openSns({ cold: true });
  expect((await send(notification({ TopicArn: `${TOPIC}-2` }))).status).toBe(401);
  await settled();
  expect(asked).toEqual([]);
});

test("certificates that do not exist push out none that serves", async () => {
  const { door, send, asked, settled } = await openSns();
  for (let tried = 0; tried < LIMITS.keptKeys + 2; tried += 1) {
    const name = tried.toString(16).padStart(32, "f");
    await send(notification({ SigningCertURL: CERTIFICATE.replace(/[0-9a-f]{32}/, name), Message: "forged" }));
    await settled();
  }
  expect(asked.length).toBeGreaterThan(LIMITS.keptKeys);
  const before = asked.length;
  expect((await send(notification())).status).toBe(200);
  expect([asked.length - before, door.admitted.length]).toEqual([0, 1]);
});

test("a subscription is confirmed by opening its URL, once the message is authentic, and is no event", async () => {
  const { door, send, visited } = await openSns();
  expect((await send({ ...confirmation(), Token: "another" })).status).toBe(401);
  expect(visited).toEqual([]);
  const { status, text } = await send(confirmation());
  expect([status, text, visited, door.admitted]).toEqual([200, "", [CONFIRM], []]);
});

test.each([
  "https://example.com/?Action=ConfirmSubscription",
  "https://sns.s3-us-west-2.amazonaws.com/confirm",
  "http://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription",
  "https://169.254.169.254/latest",
])("%s is never opened, even where it is signed", async (SubscribeURL) => {
  const { send, visited } = await openSns();
  await send(confirmation({ SubscribeURL }));
  expect(visited).toEqual([]);
});

test("the message that a subscription has ended is told as an event, and not undone", async () => {
  const { door, send, visited } = await openSns();
  expect((await send(confirmation({ Type: "UnsubscribeConfirmation", Message: "You have chosen" }))).status).toBe(200);
  expect(visited).toEqual([]);
  expect(door.admitted.map(({ event }) => event.type)).toEqual(["UnsubscribeConfirmation"]);
});
