import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { runCommand, type Ended } from "../sluice-commands.ts";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";
import { upserted } from "../upserted.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** `sluice send` and `sluice try` as people run them, against a door of its own. */
const folder = mkdtempSync(join(tmpdir(), "sluice-senders-"));
let env: Record<string, string>;
let door: SluiceProcess;
let worker: SluiceProcess;
let workerPort: number;
const asked: string[] = [];
const store = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  response.writeHead(200, { "content-type": "application/json" }).end(upserted(request.url));
});

beforeAll(async () => {
  store.listen(0, "127.0.0.1");
  await once(store, "listening");
  const port = await freePort();
  const rows = `
      - { destination: crm, object: customer, external_id: "'s:' & $string(data.id)", name: data.email, version: time, when: "$not($contains(type, /^carts/))", fields: { email: data.email } }`;
  const theirs = `{ destination: crm, object: customer, when: "data.status != 'draft'", external_id: data.id, fields: { email: data.email } }`;
  writeFileSync(
    join(folder, "sluice.yaml"),
    `
sources:
  shop: { scheme: shopify, secrets: [shop-secret], unmapped: [carts/update], records: [${rows.replace("\n      - ", "")}] }
  bc: { scheme: business-central, secrets: [bc-secret], records: [] }
  theirs: { scheme: amazon-sns, secrets: ["arn:aws:sns:eu-central-1:111122223333:customers"], records: [${theirs}] }
  odd:
    scheme: shopify
    secrets: [odd-secret]
    records:
      - { destination: crm, object: customer, external_id: data.nothing, version: time, fields: { email: data.email } }
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:${(store.address() as AddressInfo).port}", auth: { bearer: hush } }
`,
  );
  env = {
    SLUICE_CONFIG: join(folder, "sluice.yaml"),
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_INGRESS_PORT: String(port),
    // A database of its own: these processes have the namespace that all have.
    SLUICE_REDIS_URL: inject("redisUrl").replace(/\/0$/, "/12"),
    SLUICE_LOG: "warn",
  };
  door = startSluice(["ingress"], env);
  await door.ready(port, 60_000);
  // The worker that understands a webhook tells its outcome.
  workerPort = await freePort();
  worker = startSluice(["worker"], { ...env, SLUICE_WORKER_PORT: String(workerPort) });
  await worker.ready(workerPort, 60_000);
});
afterAll(async () => {
  await door.end("SIGTERM");
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = async (...words: string[]): Promise<Ended> => await runCommand(words, env);

test("types that no mapping takes are told: in the list, by the check, and as a metric; others and those that are meant are not", async () => {
  const sent = await Promise.all([
    run("send", "shopify", "--source", "shop", "--type", "carts/create", "--count", "2"),
    run("send", "shopify", "--source", "shop", "--type", "carts/update"),
    run("send", "shopify", "--source", "shop", "--type", "customers/create"),
  ]);
  for (const { output } of sent) expect(output).toContain("202");
  const [listed, checked] = await Promise.all([run("types", "shop"), run("config", "check", "--recent")]);
  const said = JSON.parse((await run("config", "check", "--recent", "--json")).printed) as {
    warnings: string[];
    sources: object[];
  };
  expect(said.warnings.map((warning) => `warning: ${warning}`)).toEqual(checked.printed.match(/^warning: .*$/gm));
  expect(said.sources[0]).toMatchObject({
    name: "shop",
    sender: "Shopify",
    proves: "signed body",
    secrets: 1,
    rows: 1,
  });
  expect(listed.output).toMatch(/shop +carts\/create +0 +0 +2 +0 +\S+Z +no mapping takes it/);
  expect(listed.output).toMatch(/shop +carts\/update +0 +0 +1 +0 +\S+Z\n/);
  expect(checked.output).toContain(
    'warning: source shop sent "carts/create" 2 times in the last seven days, and no mapping takes it',
  );
  expect(checked.output).not.toMatch(/carts\/update|customers\/create/);
  // Another file's process on this Redis may be the one that shows them, until it ends.
  const told = async (): Promise<readonly string[]> => {
    const scraped = await (await fetch(`http://127.0.0.1:${workerPort}/metrics`)).text();
    return [...scraped.matchAll(/^sluice_unknown_events\{.*$/gm)].map(([line]) => line);
  };
  await expect.poll(told, { timeout: 60_000 }).toEqual(['sluice_unknown_events{source="shop",type="carts/create"} 2']);
});

test("send signs and sends as the sender does, again what is a duplicate, and with --tamper what the door refuses", async () => {
  const [shop, token, forged, alike] = await Promise.all([
    run("send", "shopify", "--source", "shop", "--count", "2"),
    run("send", "business-central"),
    run("send", "shopify", "--source", "odd", "--tamper"),
    run("send", "shopify"),
  ]);
  const told = await run("send", "shopify", "--source", "odd", "--tamper", "--json");
  // The next test looks only at requests of its own.
  await worker.end("SIGTERM");
  asked.length = 0;
  expect(shop).toMatchObject({ code: 0, output: expect.stringMatching(/1 +202 .*accepted.*\n2 +202 .*duplicate/) });
  // This sender's token stands in the body, and its answer has none.
  expect(token).toMatchObject({ code: 0, output: expect.stringMatching(/1 +200 +\(no body\)/) });
  expect(forged).toMatchObject({ code: 0, output: expect.stringMatching(/1 +401 .*not_authentic/) });
  expect(JSON.parse(told.printed)).toMatchObject({
    number: 1,
    status: 401,
    answer: expect.stringContaining("not_authentic") as string,
  });
  expect(alike.output).toMatch(/several sources are of shopify[\s\S]*next: name one of/);
});

test("try shows events, changes and the exact request, which only --execute makes; secrets stay unseen", async () => {
  const file = join(folder, "request.json");
  writeFileSync(file, JSON.stringify({ headers: { "x-shopify-hmac-sha256": "bm8=" }, body: { id: 1 } }));
  const [shop, theirs, odd, forged] = await Promise.all([
    run("try", "shop"),
    run("try", "theirs"),
    run("try", "odd"),
    run("try", "shop", "--file", file),
  ]);
  expect(shop.code).toBe(0);
  expect(shop.output).toContain("verified  yes, by secret 1 (signed body)");
  // All that expressions can ask for, and of each row what every expression yields.
  expect(shop.output).toMatch(/sees +\{.*"data":\{.*"email":"ada@example.com"/);
  expect(shop.output).toMatch(/row +records\[0\]\n +when +true {3}of {2}\$not/);
  expect(shop.output).toMatch(/external_id +"s:207119551" {3}of {2}'s:' & \$string\(data\.id\)/);
  // Only Amazon can sign for Amazon, and the row is shown all the same, with a `when` that a missing member makes false.
  expect(theirs).toMatchObject({ code: 0, output: expect.stringMatching(/verified +not judged: .*can't be signed/) });
  expect(theirs.output).toMatch(/when +false {3}of {2}data\.status != 'draft'/);
  expect(theirs.output).toContain("ignored   no row of `records` wants it");
  expect(shop.output).toMatch(
    /change +crm\/customer external_id=s:207119551 +version 2026-11-05T11:59:58.812Z +set name, email/,
  );
  const path = "/api/v2/custom_objects/customer/records?external_id=s%3A207119551";
  expect(shop.output).toContain(`PATCH http://127.0.0.1:${(store.address() as AddressInfo).port}${path}`);
  expect(shop.output).toContain('{"custom_object_record":{"name":"ada@example.com"');
  expect(shop.output).not.toMatch(/shop-secret|hush/);
  expect(odd).toMatchObject({
    code: 1,
    output: expect.stringMatching(/dead +sources\.odd\.records\[0\]\.external_id/),
  });
  expect(forged).toMatchObject({ code: 1, output: expect.stringMatching(/verified +no: signature_wrong/) });
  expect(asked).toEqual([]);
  expect((await run("try", "shop", "--execute")).output).toMatch(/answer +200 \{"custom_object_record"/);
  expect(asked).toEqual([`PATCH ${path}`]);
  const { code, printed } = await run("try", "shop", "--execute", "--json");
  const { verdict, events } = JSON.parse(printed) as { verdict: object; events: readonly { changes: object[] }[] };
  expect([code, verdict]).toEqual([0, { isAuthentic: true, secretNumber: 1 }]);
  expect(events).toEqual([
    expect.objectContaining({
      rows: [expect.objectContaining({ place: "sources.shop.records[0]", isWanted: true })],
      faults: [],
      changes: [
        expect.objectContaining({
          record: { destination: "crm", object: "customer", by: "external_id", key: "s:207119551" },
          version: "2026-11-05T11:59:58.812Z",
          fields: { name: "ada@example.com", email: "ada@example.com" },
          request: expect.objectContaining({ method: "PATCH" }) as object,
          answer: expect.objectContaining({ status: 200 }) as object,
        }),
      ],
    }),
  ]);
  const dead = await run("try", "odd", "--json");
  expect(dead.code).toBe(1);
  expect(JSON.parse(dead.printed)).toMatchObject({ events: [{ faults: [{ code: "key_incomplete" }], changes: [] }] });
});
