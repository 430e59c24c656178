import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, inject, onTestFinished, test } from "vitest";
import { signed, startFleet } from "../fleet.ts";
import { spawnWorker } from "../worker-process.ts";

const SECRET = Buffer.from("a secret of this test, 32 bytes.");

test("a thin event whose document was being fetched at a SIGKILL is fetched by the next worker", async () => {
  const waiting: ServerResponse[] = [];
  let answers = false;
  const asked = Promise.withResolvers<void>();
  const api = createServer((_, response) => {
    asked.resolve();
    if (answers) response.end('{"id":"7","name":"Seven","at":"2026-01-02T00:00:00Z","tier":"gold"}');
    else waiting.push(response);
  }).listen(0, "127.0.0.1");
  await once(api, "listening");
  const fleet = await startFleet({
    workers: 0,
    text: `
sources:
  thin:
    scheme: standard-webhooks
    secrets: ["whsec_${SECRET.toString("base64")}"]
    fetch: { url: "http://127.0.0.1:${(api.address() as AddressInfo).port}/{{data.id}}", timeout: 2s }
    records:
      - { destination: crm, object: customer, external_id: data.id, name: data.name, version: data.at, fields: { tier: data.tier } }
destinations:
  crm:
    kind: zendesk
    url: "\${RECORDS_URL}"
    auth: { bearer: "\${SLUICE_RECORDS_TOKEN}" }
objects:
  customer: { title: Customer, title_pluralized: Customers, fields: { tier: { title: Tier } } }
`,
  });
  onTestFinished(async () => {
    await fleet.close();
    api.closeAllConnections();
    api.close();
  });

  const killed = await spawnWorker(fleet, inject("redisUrl"));
  const event = signed("thin-1", JSON.stringify({ type: "changed", data: { id: "7" } }), SECRET);
  expect((await fetch(`${fleet.ingress}/webhooks/thin`, event)).status).toBe(202);
  await asked.promise;
  killed.kill("SIGKILL");
  answers = true;

  await fleet.addWorker();
  await expect
    .poll(async () => (await fleet.recordsOf("customer")).map((record) => record.custom_object_fields["tier"]))
    .toEqual(["gold"]);
});
