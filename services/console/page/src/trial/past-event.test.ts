import { expect, test } from "vitest";
import { requestText } from "./past-event.ts";

const WEBHOOK = {
  ref: "r",
  source: "erp",
  arrivedAt: "2026-11-28T10:00:00.000Z",
  method: "POST",
  url: "http://127.0.0.1/webhooks/erp",
  query: "",
  headers: [
    ["host", "127.0.0.1"],
    ["content-type", "application/json"],
    ["content-length", "31"],
    ["x-topic", "customer"],
    ["x-topic", "vip"],
  ],
  body: '{"id":1,"data":{"tier":"gold"}}',
  bodyBytes: 31,
  isCut: false,
  redacted: [],
  secretNumber: 1,
  events: [],
} as const;

test("a past webhook becomes a request that can be edited, with its headers and its body", () => {
  const { text, lacks } = requestText(WEBHOOK);
  expect(lacks).toBeNull();
  expect(JSON.parse(text)).toEqual({
    headers: { "content-type": "application/json", "x-topic": "customer, vip" },
    body: { id: 1, data: { tier: "gold" } },
  });
  expect(text.split("\n")).toContain('      "tier": "gold"');
});

test("a body that would lose digits or is no JSON stays one text, letter by letter", () => {
  for (const body of ['{"id":12345678901234567890}', '{"total":0.1234567890123}', "<order/>", "a=1&b=2", '"text"']) {
    expect(JSON.parse(requestText({ ...WEBHOOK, body }).text).body).toBe(body);
  }
});

test("a method and a query of its own are told, and so is a part that was not kept", () => {
  const { text, lacks } = requestText({ ...WEBHOOK, method: "PUT", query: "shop=1", redacted: ["data.email"] });
  expect(JSON.parse(text)).toMatchObject({ method: "PUT", query: "?shop=1" });
  expect(lacks).toContain("data.email");
  expect(requestText({ ...WEBHOOK, isCut: true }).lacks).toContain("too long");
});
