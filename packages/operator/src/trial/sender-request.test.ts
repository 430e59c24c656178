import { readEvents, senders, verify, type WebhookRequest } from "@sluice/event";
import { readConfiguration, type SourceConfiguration } from "@sluice/runtime";
import { expect, test } from "vitest";
import { judgedRequest, requestOf, unsignedRequest } from "./sender-request.ts";

const NOW_MS = 1_793_880_000_000;
const URL = "http://127.0.0.1:8080/webhooks/it";

function sourceOf(scheme: string): SourceConfiguration {
  const text = JSON.stringify({ sources: { it: { scheme, secrets: ["a:b"], records: [] } } });
  return readConfiguration(text, { path: "sluice.yaml", env: {} }).sources.get("it")!;
}

const eventsOf = (source: SourceConfiguration, request: WebhookRequest) => readEvents(source.scheme, request, "it");

test.each([
  ["shopify", "orders/updated"],
  ["stripe", "invoice.paid"],
  ["hubspot-v3", "company.creation"],
  ["intercom", "contact.deleted"],
  ["dataverse", "account.Create"],
])("a sample of %s can be one of type %s", (scheme, type) => {
  const source = sourceOf(scheme);
  const events = eventsOf(source, requestOf(source, { url: URL, type, nowMs: NOW_MS }));
  expect(events.map((event) => event.type)).toEqual([type]);
});

test("a type that a scheme can't have is told with how its types are made", () => {
  const source = sourceOf("dataverse");
  const made = (): WebhookRequest => requestOf(source, { url: URL, type: "account", nowMs: NOW_MS });
  expect(made).toThrow('a sample of type "account" can\'t be made for this scheme');
});

test("what is sent as it was given has a new id, unless it is to keep its own", () => {
  for (const scheme of ["stripe", "shopify", "github"]) {
    const source = sourceOf(scheme);
    const text = JSON.stringify(senders().find(({ name }) => name === scheme)!.sample.body);
    const idOf = (newId?: string) =>
      eventsOf(source, unsignedRequest(source, { url: URL, text, newId, nowMs: NOW_MS }))[0]!.id;
    expect(idOf("try-1")).toBe("try-1");
    expect(idOf()).not.toBe("try-1");
  }
});

test("a request that is written out without a signature is signed, and one with a signature is judged as it is", async () => {
  const source = sourceOf("shopify");
  const judge = async (headers: object) => {
    const text = JSON.stringify({ headers, body: { id: 1 } });
    const { request } = judgedRequest(source, { url: URL, text, nowMs: NOW_MS });
    return (await verify(source.scheme, request, ["a:b"], NOW_MS)).ok;
  };
  expect(await judge({ "x-shopify-topic": "orders/create" })).toBe(true);
  expect(await judge({ "x-shopify-hmac-sha256": "bm8=" })).toBe(false);
});
