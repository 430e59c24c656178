import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { signed } from "../fleet.ts";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";

const SECRET = Buffer.from("a secret of this test, 32 bytes.");

test(
  "a thin event whose document was being fetched at a SIGKILL is fetched after the next start",
  {
    timeout: 180_000,
  },
  async () => {
    const waiting: ServerResponse[] = [];
    let answers = false;
    const asked = Promise.withResolvers<void>();
    const api = createServer((_, response) => {
      asked.resolve();
      if (answers) response.end('{"id":"7","name":"Seven","at":"2026-01-02T00:00:00Z","tier":"gold"}');
      else waiting.push(response);
    }).listen(0, "127.0.0.1");
    await once(api, "listening");
    const folder = mkdtempSync(join(tmpdir(), "sluice-fetch-"));
    const ports = { ingress: await freePort(), worker: await freePort(), records: await freePort() };
    writeFileSync(
      join(folder, "sluice.yaml"),
      `
sources:
  thin:
    scheme: standard-webhooks
    secrets: ["whsec_${SECRET.toString("base64")}"]
    fetch: { url: "http://127.0.0.1:${(api.address() as AddressInfo).port}/{{data.id}}", timeout: 2s }
    records:
      - { destination: crm, object: customer, external_id: data.id, name: data.name, version: data.at, fields: { tier: data.tier } }
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:${ports.records}", auth: { bearer: token } }
objects:
  customer: { title: Customer, title_pluralized: Customers, fields: { tier: { title: Tier } } }
`,
    );
    const env = {
      SLUICE_CONFIG: join(folder, "sluice.yaml"),
      SLUICE_DATA_DIR: join(folder, "data"),
      SLUICE_RECORDS_TOKEN: "token",
      SLUICE_INGRESS_PORT: String(ports.ingress),
      SLUICE_WORKER_PORT: String(ports.worker),
      SLUICE_RECORDS_PORT: String(ports.records),
      SLUICE_LOG: "warn",
    };
    const running: SluiceProcess[] = [];
    const start = async (): Promise<SluiceProcess> => {
      const up = startSluice(["up"], env);
      running.push(up);
      await up.ready(ports.ingress);
      return up;
    };
    onTestFinished(async () => {
      // A killed Sluice leaves its Redis behind, for the next start to find.
      for (const each of running) await each.end("SIGTERM");
      api.closeAllConnections();
      api.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const first = await start();
    const event = signed("thin-1", JSON.stringify({ type: "changed", data: { id: "7" } }), SECRET);
    expect((await fetch(`http://127.0.0.1:${ports.ingress}/webhooks/thin`, event)).status).toBe(202);
    await asked.promise;
    await first.end("SIGKILL");
    answers = true;

    await start();
    const query = `http://127.0.0.1:${ports.records}/api/v2/custom_objects/customer/records?filter[external_ids]=7`;
    const end = performance.now() + 90_000;
    let records: { custom_object_fields: { tier: string } }[] = [];
    while (records.length === 0) {
      if (performance.now() > end) throw new Error(`no record after 90 s\n${running.at(-1)!.output()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const response = await fetch(query, { headers: { authorization: "Bearer token" } });
      records = ((await response.json()) as { custom_object_records: typeof records }).custom_object_records;
    }
    expect(records[0]!.custom_object_fields.tier).toBe("gold");
  },
);
