import { expect, test } from "vitest";
import { findScheme } from "../catalog.ts";
import { faultOfSecret } from "../verification/check-secret.ts";
import { gradeOf } from "../verification/grade.ts";
import type { Json } from "../event.ts";
import { readEvents } from "../events/read-events.ts";
import { readScheme } from "../written-schemes/read-scheme.ts";
import type { WebhookRequest } from "../request.ts";
import type { Scheme } from "../scheme.ts";
import { SchemeError } from "../written-schemes/scheme-error.ts";
import { signRequest, UnsignableError } from "./sign.ts";
import { verify } from "../verification/verify.ts";

const NOW_MS = 1_793_880_000_000;

const CONTENT = { members: ["id", "amount.value", "at"], optional: ["amount.value"], between: "|" };
const WRITTEN = {
  type: "members",
  at: "items[]",
  signature: "mac",
  alg: "hmac-sha256",
  encoding: "hex",
  content: CONTENT,
  ts: { from: "at", unit: "ms" },
  event: { split: "items", id: "{event.id}", type: "{event.id}", time: [] },
};

const requestOf = (body: Json): WebhookRequest => ({
  method: "POST",
  url: "https://in.example.com/webhooks/it",
  path: "/webhooks/it",
  headers: new Map(),
  body: Buffer.from(JSON.stringify(body)),
});
const bodyOf = ({ body }: WebhookRequest): { items: Record<string, Json>[] } =>
  JSON.parse(Buffer.from(body).toString("utf8")) as { items: Record<string, Json>[] };

const scheme = readScheme(WRITTEN);
const sign = (...items: Json[]): WebhookRequest => signRequest(scheme, requestOf({ items }), "hush", NOW_MS);
const judge = async (request: WebhookRequest, secrets = ["hush"], nowMs = NOW_MS) =>
  await verify(scheme, request, secrets, nowMs);

test("every object is signed by itself, all by one secret, with the present time", async () => {
  const signed = sign({ id: "1", amount: { value: 5 }, at: 0, mac: "" }, { id: "2", at: 0 });
  expect(bodyOf(signed).items.map(({ at }) => at)).toEqual([String(NOW_MS), String(NOW_MS)]);
  expect(await judge(signed, ["other", "hush"])).toEqual({ ok: true, secretIndex: 1 });
  expect(await judge(signed, ["other"])).toEqual({ ok: false, reason: "signature_wrong" });
  expect(await judge(signed, ["hush"], NOW_MS + 300_001)).toEqual({ ok: false, reason: "timestamp_stale" });
  expect(await judge(signed, ["hush"], NOW_MS - 300_001)).toEqual({ ok: false, reason: "timestamp_ahead" });
  const [first, second] = bodyOf(signed).items;
  const mixed = signRequest(scheme, requestOf({ items: [first!] }), "other", NOW_MS);
  expect(await judge(requestOf({ items: [...bodyOf(mixed).items, second!] }), ["hush", "other"])).toMatchObject({
    ok: false,
  });
});

test.each<[string, (item: Record<string, Json>) => Json]>([
  ["an object in a member's place", (item) => ({ ...item, id: { a: 1 } })],
  ["a list in a member's place", (item) => ({ ...item, id: [item["id"]!] })],
  ["a member missing that must be there", ({ id: _id, ...rest }) => rest],
  ["a separator in a member", (item) => ({ ...item, id: "1|5", amount: null })],
  ["its optional member gone", ({ amount: _amount, ...rest }) => rest],
  ["a signature that is no text", (item) => ({ ...item, mac: { a: item["mac"]! } })],
  ["a signature in other digits", (item) => ({ ...item, mac: `${item["mac"] as string}0` })],
  ["itself in a list", (item) => [item]],
])("an item with %s is not authentic", async (_, change) => {
  const [item] = bodyOf(sign({ id: "1", amount: { value: 5 }, at: 0 })).items;
  expect(await judge(requestOf({ items: [item!] }))).toMatchObject({ ok: true });
  expect(await judge(requestOf({ items: [change(item!)] }))).toMatchObject({ ok: false });
});

test("what is kept of a webhook has no signature, and the events are those of the request", () => {
  const [event] = readEvents(scheme, sign({ id: "1", at: 0, mac: "" }), "it");
  expect(event).toMatchObject({ id: "1", data: { id: "1", mac: "" } });
});

test("a body counts as signed where events are read from signed members alone", () => {
  const { at: _, ...alone } = { ...WRITTEN, content: { members: ["id", "data", "at"], between: "|" } };
  const event = { split: "one", id: "{event.id}", type: "{event.data.kind}", time: [], data: "{event.data}" };
  const graded = (rules: object): string => gradeOf(readScheme({ ...alone, event: { ...event, ...rules } }));
  expect(graded({ delete: { in: "{event.data.op}", fits: "x" } })).toBe("signed body");
  expect(graded({ delete: { in: "{event.op}", fits: "x" } })).toBe("authenticated caller");
  expect(graded({ delete: { in: "{event.data.op}", fits: "x" }, data: "{event}" })).toBe("authenticated caller");
  expect(graded({ delete: { in: "{header:x-op}", fits: "x" } })).toBe("authenticated caller");
  const grades = ["amazon-sns", "adyen"].map((name) => gradeOf(findScheme(name) as Scheme));
  expect(grades).toEqual(["signed body", "authenticated caller"]);
});

function places(value: unknown): string[] {
  try {
    readScheme(value);
  } catch (error) {
    if (error instanceof SchemeError) return error.faults.map(({ place }) => place);
    throw error;
  }
  return [];
}

const SNS = (findScheme("amazon-sns") as Scheme).check as unknown as { readonly remote: object };

test.each<[string, object, string]>([
  ["no signature", { signature: undefined }, "signature"],
  ["members that are none", { content: { ...CONTENT, members: [] } }, "content.members"],
  ["a separator that parts nothing", { content: { ...CONTENT, between: "" } }, "content.between"],
  ["a member that is written without its value", { content: { ...CONTENT, as: "{name}" } }, "content.as"],
  ["a free member that is not signed", { content: { ...CONTENT, free: "note" } }, "content.members"],
  ["a time that is not signed", { ts: { from: "sent", unit: "ms" } }, "content"],
  ["an algorithm that nobody knows", { alg: { from: "v", is: { "1": "md5" } } }, "alg.is.1"],
  ["a public key for a MAC", { key: "pem-bundle" }, "key"],
  ["keys from anywhere", { remote: { ...SNS.remote, urlPattern: ".*" } }, "remote.urlPattern"],
  ["a recipient that is not signed", { remote: { ...SNS.remote, recipient: "topic" } }, "content"],
  ["a misspelt member", { contents: CONTENT }, "contents"],
])("%s is a fault", (_, changed, place) => {
  expect(places({ ...WRITTEN, ...changed })).toContain(place);
});

test("a secret is a key, or the recipient whose keys are published", () => {
  const sns = findScheme("amazon-sns") as Scheme;
  expect(faultOfSecret(sns, "arn:aws:sns:eu-central-1:111122223333:orders")).toBeUndefined();
  expect(faultOfSecret(sns, "arn:aws-cn:sns:cn-north-1:111122223333:orders.fifo")).toBeUndefined();
  expect(faultOfSecret(sns, "orders")).toMatch(/neither the TopicArn/);
  const adyen = findScheme("adyen") as Scheme;
  expect(faultOfSecret(adyen, "44782DEF547AAA06C910C43932B1EB0C")).toBeUndefined();
  expect(faultOfSecret(adyen, "no digits")).toMatch(/hex/);
});

test("a body that gives nothing to sign is told", () => {
  expect(() => sign()).toThrow(UnsignableError);
  expect(() => signRequest(scheme, requestOf({ items: [{ id: { a: 1 } }] }), "hush", NOW_MS)).toThrow(UnsignableError);
});

test.each<[string, Json, Json]>([
  ["an object", '{"type":"a","n":12345678901234.5678}', { type: "a", n: "12345678901234.5678" }],
  ["a list", "[1]", [1]],
  ["a text that only begins like one", "{not json", "{not json"],
  ["digits", "124", "124"],
  ["a document already", { a: 1 }, { a: 1 }],
])("a member that may hold JSON as text is read where it holds %s", (_, Message, data) => {
  const sns = findScheme("amazon-sns") as Scheme;
  const [event] = readEvents(sns, requestOf({ Type: "Notification", MessageId: "1", Message }), "it");
  expect(event?.data).toEqual(data);
});
