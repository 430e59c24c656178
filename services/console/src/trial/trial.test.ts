import { createHmac, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { openConsole, TEXT } from "../console.fixture.ts";

const body = (data: object, type = "customer.updated") => JSON.stringify({ event_id: "e-1", type, ...data });

test("a body becomes, expression by expression, the exact request, and nothing of it is stored", async () => {
  const { get, post } = await openConsole();
  const text = body({ id: "4711", version: 7, tier: "gold" });
  const { status, body: trial } = await post("/api/try", { source: "erp", text });
  expect(status).toBe(200);
  expect(trial.verified).toEqual({
    isAuthentic: true,
    reason: null,
    secretNumber: 1,
    grade: "signed body",
    signedBy: "sluice",
  });
  const [event] = trial.events;
  expect(event).toMatchObject({ type: "customer.updated", sees: { source: "erp", data: { tier: "gold" } } });
  expect(event.rows).toMatchObject([
    {
      place: "sources.erp.records[0]",
      isWanted: true,
      steps: [
        { member: "when", expression: 'type = "customer.updated"', yields: "value", value: true },
        { member: "external_id", value: "4711" },
        { member: "version", value: 7 },
        { member: "fields.tier", value: "gold" },
        { member: "fields.city", yields: "nothing", value: null },
      ],
    },
  ]);
  expect(event.changes).toMatchObject([
    {
      record: { destination: "crm", object: "customer", by: "external_id", key: "4711" },
      version: "7",
      fields: [{ field: "tier", value: "gold", would: "set", against: null }],
      request: {
        method: "PATCH",
        url: "http://127.0.0.1:1/prefix/api/v2/custom_objects/customer/records?external_id=4711",
        body: { custom_object_record: { custom_object_fields: { tier: "gold" } } },
      },
    },
  ]);
  expect((await get("/api/records/crm/customer/4711")).body.error.code).toBe("record_unknown");
});

test("what is older than the record knows is told with what it loses against", async () => {
  const { admit, post } = await openConsole();
  await admit("4711", { tier: "gold" }, 9n);
  const text = body({ id: "4711", version: 7, tier: "iron", city: "Ulm" });
  const { body: trial } = await post("/api/try", { source: "erp", text });
  expect(trial.events[0].changes[0].fields).toMatchObject([
    { field: "tier", would: "stale", against: { version: "9", source: "erp" } },
    { field: "city", would: "set", against: null },
  ]);
});

test("an event that no row wants, one that a mapping fails on, and a body that is none are told apart", async () => {
  const { post } = await openConsole();
  const tried = async (text: string) => (await post("/api/try", { source: "erp", text })).body;
  const [unwanted] = (await tried(body({}, "customer.seen"))).events;
  expect(unwanted).toMatchObject({ rows: [{ isWanted: false, steps: [{ member: "when" }] }], changes: [], faults: [] });
  const [failing] = (await tried(body({ id: "1", version: "yesterday" }))).events;
  expect(failing).toMatchObject({ changes: [], faults: [{ place: "sources.erp.records[0].version" }] });
  const unread = await tried("no JSON at all");
  expect(unread.events).toEqual([]);
  expect(unread.unreadable).toMatch(/JSON/);
  // Members of other kinds make it a body like any other.
  expect((await tried(JSON.stringify({ headers: { a: 1 }, body: 2 }))).verified.isAuthentic).toBe(true);
});

test("a request that is written out with a proof is judged by it, and carries no event if it is forged", async () => {
  const { post } = await openConsole();
  const headers = { "content-type": "application/json", "x-sluice-signature": "sha256=00" };
  const text = JSON.stringify({ headers, body: body({ id: "1", version: 1 }) });
  const { body: trial } = await post("/api/try", { source: "erp", text });
  expect(trial).toMatchObject({ verified: { isAuthentic: false, signedBy: "sender" }, events: [] });
});

test("without a body its sender's sample is tried, of a type that there is", async () => {
  const { post } = await openConsole(TEXT.replace("generic-hmac", "shopify"));
  const { body: trial } = await post("/api/try", { source: "erp", type: "orders/updated" });
  expect(trial.events).toMatchObject([{ type: "orders/updated" }]);
  expect((await post("/api/try", { source: "nobody" })).body.error.code).toBe("source_unknown");
});

test("what its sender alone can sign is told so, and mapped all the same", async () => {
  const { publicKey } = generateKeyPairSync("ed25519");
  const written = `whpk_${publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64")}`;
  const text = TEXT.replace("generic-hmac", "standard-webhooks-ed25519").replace("hush-hush-hush-hush", written);
  const { post } = await openConsole(text);
  const { body: trial } = await post("/api/try", { source: "erp" });
  expect(trial.verified).toMatchObject({ isAuthentic: false, signedBy: "nobody", grade: "signed body" });
  expect(trial.verified.reason).toMatch(/can't be signed/);
  expect(trial.events).toHaveLength(1);
});

test("a type that the scheme can't have is refused", async () => {
  const { post } = await openConsole(TEXT.replace("generic-hmac", "dataverse").replace("hush-hush-hush-hush", "a:b"));
  const refused = await post("/api/try", { source: "erp", type: "account" });
  expect([refused.status, refused.body.error.code]).toEqual([422, "trial_invalid"]);
});

test("a request that was tried is sent: stored as a webhook of its source, and the audit log says by whom", async () => {
  const { acts, post, queue } = await openConsole();
  const text = body({ id: "4711", version: 7, tier: "gold" });
  const sent = await post("/api/try/send", { source: "erp", text, reason: "it was lost" });
  expect([sent.status, sent.body.events.length]).toEqual([202, 1]);
  expect(sent.body.events[0]).toMatchObject({
    id: expect.stringMatching(/^sent-/),
    ref: expect.stringMatching(/^\w+-\w+$/),
  });
  const again = await post("/api/try/send", { source: "erp", text, keepsId: true });
  expect(again.body.events).toMatchObject([{ id: "e-1" }]);
  expect((await queue.intake.numbers()).waitingWebhooks).toBe(2);
  expect(await acts("action=webhook.send")).toMatchObject([
    { target: "erp", result: "stored", reason: null, details: { events: again.body.events } },
    { target: "erp", result: "stored", reason: "it was lost", actor: "operator" },
  ]);
});

test("a request that its sender signed is sent under a new id, although its signature would not hold for that", async () => {
  const { post } = await openConsole();
  const signed = body({ id: "1", version: 1 });
  const proof = createHmac("sha256", "hush-hush-hush-hush").update(signed).digest("hex");
  const headers = { "content-type": "application/json", "x-sluice-signature": proof };
  const text = JSON.stringify({ headers, body: signed });
  const tried = await post("/api/try", { source: "erp", text });
  expect(tried.body.verified).toMatchObject({ isAuthentic: true, signedBy: "sender" });
  const sent = await post("/api/try/send", { source: "erp", text });
  expect(sent.body.events).toMatchObject([{ id: expect.stringMatching(/^sent-/) }]);
});

test("nothing is sent that the door would refuse, or that means nothing", async () => {
  const { acts, post, queue } = await openConsole();
  const headers = { "content-type": "application/json", "x-sluice-signature": "sha256=00" };
  for (const [text, says] of [
    [JSON.stringify({ headers, body: body({ id: "1", version: 1 }) }), /^the door would refuse it/],
    ["no JSON at all", /JSON/],
  ] as const) {
    const refused = await post("/api/try/send", { source: "erp", text });
    expect([refused.status, refused.body.error.code]).toEqual([422, "trial_invalid"]);
    expect(refused.body.error.message).toMatch(says);
  }
  expect((await queue.intake.numbers()).waitingWebhooks).toBe(0);
  expect(await acts()).toMatchObject([{ result: "trial_invalid" }, { result: "trial_invalid" }]);
});
