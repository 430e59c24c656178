import { randomUUID } from "node:crypto";
import { createLog, readConfiguration, systemClock } from "@sluice/runtime";
import { expect, inject, onTestFinished, test } from "vitest";
import { startIngress } from "../start.ts";

const read = (factor: string) =>
  readConfiguration(
    `
sources:
  shop: { scheme: shopify, secrets: [hush], records: [] }
  odoo: { scheme: odoo, secrets: [hush]${factor}, records: [] }
  crm: { scheme: pipedrive, secrets: ["u:p"], client_certificates: ["ab:cd"], records: [] }
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:1", auth: { bearer: none } }
trusted_proxies: [127.0.0.1]
`,
    { path: "sluice.yaml", env: {} },
  );

test("what a source's requests prove, its second factor included, is a metric and stands at /readyz, and follows a reload", async () => {
  const ingress = await startIngress({
    configuration: read(""),
    redisUrl: inject("redisUrl"),
    namespace: `grades-${randomUUID()}`,
    port: 0,
    clock: systemClock,
    log: createLog({ role: "ingress", level: "silent" }),
  });
  onTestFinished(async () => await ingress.close(1000));
  const shown = async () => {
    const metrics = await (await fetch(`${ingress.url}/metrics`)).text();
    const { checks } = (await (await fetch(`${ingress.url}/readyz`)).json()) as {
      checks: { sources: { ok: boolean; detail: string } };
    };
    return { info: metrics.split("\n").filter((line) => line.startsWith("sluice_source_info{")), ...checks.sources };
  };
  expect(await shown()).toEqual({
    info: [
      'sluice_source_info{source="shop",scheme="shopify",grade="signed body"} 1',
      'sluice_source_info{source="odoo",scheme="odoo-url-secret",grade="URL secret only"} 1',
      'sluice_source_info{source="crm",scheme="pipedrive",grade="authenticated caller, with a listed certificate"} 1',
    ],
    ok: true,
    detail: "shop: signed body; odoo: URL secret only; crm: authenticated caller, with a listed certificate",
  });
  ingress.use(read(", allow_from: [192.0.2.0/24]"));
  const { info, detail } = await shown();
  expect(info).toContain(
    'sluice_source_info{source="odoo",scheme="odoo-url-secret",grade="URL secret only, from a listed address"} 1',
  );
  expect(info).toHaveLength(3);
  expect(detail).toContain("odoo: URL secret only, from a listed address");
});
