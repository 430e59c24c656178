import { randomUUID } from "node:crypto";
import { startIngress } from "@sluice/ingress";
import { createLog, readConfiguration, systemClock } from "@sluice/runtime";
import { startWorker } from "@sluice/worker";
import { expect, inject, onTestFinished, test } from "vitest";

const CONFIGURATION = `
sources: { erp: { scheme: generic-hmac, secrets: [hush], records: [] } }
destinations: { crm: { kind: zendesk, url: "http://127.0.0.1:1", auth: { bearer: none } } }
`;

test("a door says at /readyz whether a living worker understands what it stores, and is ready either way", async () => {
  const role = {
    configuration: readConfiguration(CONFIGURATION, { path: "sluice.yaml", env: {} }),
    redisUrl: inject("redisUrl"),
    namespace: `understood-${randomUUID()}`,
    port: 0,
    clock: systemClock,
    log: createLog({ role: "test", level: "silent" }),
  };
  const door = await startIngress(role);
  onTestFinished(async () => await door.close(0));
  const said = async (): Promise<unknown> => {
    const ready = await fetch(`${door.url}/readyz`);
    const { checks } = (await ready.json()) as { checks: { understood: { detail: string } } };
    return [ready.status, checks.understood.detail];
  };
  const nobody = [200, "NO living worker has this configuration: what comes in is stored and waits for one"];
  // The door stands alone, as beside workers of the release before, which leave its webhooks alone.
  expect(await said()).toEqual(nobody);
  const worker = await startWorker(role);
  await expect.poll(said).toEqual([200, "a living worker has this configuration, or a newer one"]);
  await worker.close(0);
  await expect.poll(said).toEqual(nobody);
});
