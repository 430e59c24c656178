import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { CONFIGURATION, signed } from "../fleet.ts";
import { runCommand } from "../sluice-commands.ts";
import { freePort, hasOwnPids, OWN_PIDS, startSluice, type SluiceProcess } from "../sluice-process.ts";

/** Two Sluices on one data directory, each with pids of its own, as two containers with one volume have them. */
const TOKEN = "second-holder-token";

test("a second `sluice up` in another container is refused while the first one breathes, and takes nothing from it", async ({
  skip,
}) => {
  skip(!hasOwnPids(), "this system gives a process no pids of its own");
  const folder = mkdtempSync(join(tmpdir(), "sluice-holders-"));
  const config = join(folder, "sluice.yaml");
  writeFileSync(config, CONFIGURATION);
  const envOf = async (): Promise<Record<string, string>> => {
    const [ingress, worker, records] = await Promise.all([freePort(), freePort(), freePort()]);
    return {
      SLUICE_CONFIG: config,
      SLUICE_DATA_DIR: join(folder, "data"),
      SLUICE_RECORDS_TOKEN: TOKEN,
      SLUICE_INGRESS_PORT: String(ingress),
      SLUICE_WORKER_PORT: String(worker),
      SLUICE_RECORDS_PORT: String(records),
      RECORDS_URL: `http://127.0.0.1:${records}`,
      SLUICE_LOG: "warn",
    };
  };
  const running: SluiceProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(running.map(async (each) => await each.end("SIGTERM")));
    rmSync(folder, { recursive: true, force: true });
  });
  const env = await envOf();
  const door = Number(env["SLUICE_INGRESS_PORT"]);
  const first = startSluice(["up"], env);
  running.push(first);
  await first.ready(door);
  const send = async (id: number): Promise<void> => {
    const data = { id, name: `Customer ${id}`, version: "2026-01-01T00:00:00Z", tier: "gold" };
    const request = signed(`evt-${id}`, JSON.stringify({ type: "customer.updated", data }));
    // A machine that is busy makes the door say 503 now and then: a sender sends again.
    for (let status = 0; status !== 202;) {
      const response = await fetch(`http://127.0.0.1:${door}/webhooks/erp`, request);
      await response.arrayBuffer();
      status = response.status;
      expect([202, 503]).toContain(status);
    }
  };
  const LAST = 40;
  for (let id = 1; id <= LAST / 2; id += 1) await send(id);

  const second = startSluice(["up"], await envOf(), { through: OWN_PIDS });
  running.push(second);
  expect(await second.ended()).not.toBe(0);
  expect(second.output()).toMatch(/is in use by `sluice up`, process \d+ of another container or host/);

  for (let id = LAST / 2 + 1; id <= LAST; id += 1) await send(id);
  expect(await first.end("SIGTERM")).toBe(0);
  const again = startSluice(["up"], env);
  running.push(again);
  await again.ready(door);
  await expect
    .poll(async () => (await runCommand(["audit"], env)).output, { timeout: 120_000 })
    .toMatch(new RegExp(`^crm +erp +${LAST} +${LAST} `, "m"));
});
