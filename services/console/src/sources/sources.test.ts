import { expect, test } from "vitest";
import { openConsole } from "../console.fixture.ts";

const TEXT = `
sources:
  shop:
    scheme: shopify
    secrets: [first-secret, { value: second-secret, not_after: "2030-01-01T00:00:00Z" }]
    records:
      - { when: 'type = "customers/updatd"', destination: crm, object: customer, external_id: $string(data.id), fields: { tier: data.tier } }
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:1", auth: { bearer: none } }
`;

test("a source is told with its rows and its secrets' places, and never with a secret", async () => {
  const { get, queue } = await openConsole(TEXT);
  await queue.intake.usedSecrets.note(["shop 1", "other 2"], Date.UTC(2026, 10, 29, 12));
  const { body } = await get("/api/sources");
  expect(body.sources).toMatchObject([
    {
      name: "shop",
      scheme: "shopify",
      grade: "signed body",
      rank: 0,
      path: "/webhooks/shop",
      destinations: ["crm"],
      lastEventAt: null,
    },
  ]);
  const one = (await get("/api/sources/shop")).body;
  expect(one.secrets).toEqual([
    { number: 1, acceptedUntil: null, lastUsedAt: "2026-11-29T12:00:00.000Z" },
    { number: 2, acceptedUntil: "2030-01-01T00:00:00.000Z", lastUsedAt: null },
  ]);
  expect(one.rows).toMatchObject([
    {
      place: "sources.shop.records[0]",
      when: 'type = "customers/updatd"',
      effect: "fields",
      fields: [{ field: "tier", expression: "data.tier" }],
    },
  ]);
  expect(JSON.stringify(one)).not.toContain('secret"');
});

test("a source says what its part of the file hardly means", async () => {
  const { get } = await openConsole(TEXT);
  expect((await get("/api/sources/shop")).body.warnings.join("\n")).toMatch(/sources[.]shop[.]records\[0\]/);
});

test("a sender's own sample is there to be tried", async () => {
  const { get } = await openConsole(TEXT);
  const { samples } = (await get("/api/sources/shop/samples")).body;
  expect(samples).toHaveLength(1);
  expect(JSON.parse(samples[0].body)).toBeTypeOf("object");
  expect((await get("/api/sources/nobody/samples")).body.error.code).toBe("source_unknown");
});
