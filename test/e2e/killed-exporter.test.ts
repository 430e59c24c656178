import { createLog, loadConfiguration, systemClock } from "@sluice/runtime";
import { expect, inject, onTestFinished, test } from "vitest";
import { startConsole } from "../../services/console/src/start.ts";
import { startFleet } from "../fleet.ts";
import { spawnDoor, spawnWorker } from "../worker-process.ts";

async function metricsOf(url: string): Promise<string> {
  return await (await fetch(`${url}/metrics`)).text();
}

async function shows(url: string): Promise<boolean> {
  const text = await metricsOf(url);
  return /^sluice_pending_records\{/m.test(text) && /^sluice_intake_oldest_seconds /m.test(text);
}

async function showsWithinTenSeconds(url: string): Promise<void> {
  const begunAt = performance.now();
  while (!(await shows(url))) {
    expect(performance.now() - begunAt).toBeLessThan(10_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("the backlog's metrics survive the worker that shows them: after a SIGKILL another has them within ten seconds", async () => {
  const fleet = await startFleet({ workers: 0 });
  onTestFinished(async () => await fleet.close());
  const [killed, other] = await Promise.all([1, 2].map(async () => await spawnWorker(fleet, inject("redisUrl"))));
  onTestFinished(() => void other!.kill("SIGKILL"));
  expect(await shows(killed!.url)).toBe(true);
  expect(await shows(other!.url)).toBe(false);
  killed!.kill("SIGKILL");
  await showsWithinTenSeconds(other!.url);
});

test("the backlog's metrics are there while no worker runs: a door shows them, and after its SIGKILL the console within ten seconds", async () => {
  const fleet = await startFleet({ workers: 0 });
  onTestFinished(async () => await fleet.close());
  const { path, env, namespace } = fleet.settings;
  const operators = await startConsole({
    configuration: await loadConfiguration({ path, env }),
    redisUrl: inject("redisUrl"),
    namespace,
    port: 0,
    adminToken: null,
    clock: systemClock,
    log: createLog({ role: "console", level: "silent" }),
    version: "test",
  });
  onTestFinished(async () => await operators.close(0));
  const door = await spawnDoor(fleet, inject("redisUrl"));
  expect((await fleet.store({ id: "e1", type: "customer.updated", data: { id: 1 } })).status).toBe(202);

  const waiting = [
    /^sluice_intake_waiting_webhooks 1$/m,
    /^sluice_intake_jobs\{state="waiting"\} 1$/m,
    /^sluice_workers 0$/m,
    /^sluice_pending_records\{destination="crm"\} 0$/m,
  ];
  const shown = await metricsOf(door.url);
  for (const line of waiting) expect(shown).toMatch(line);
  expect(await shows(fleet.ingress)).toBe(false);
  expect(await shows(operators.url)).toBe(false);
  door.kill("SIGKILL");
  await showsWithinTenSeconds(operators.url);
  const shownNow = await metricsOf(operators.url);
  for (const line of waiting) expect(shownNow).toMatch(line);
  expect(await shows(fleet.ingress)).toBe(false);
  await fleet.addWorker();
  await expect.poll(async () => await metricsOf(operators.url)).toMatch(/^sluice_workers 1$/m);
  await expect.poll(async () => await metricsOf(operators.url)).toMatch(/^sluice_intake_waiting_webhooks 0$/m);
});
