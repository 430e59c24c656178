import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, inject, onTestFinished, test } from "vitest";
import { awaiting, CONFIGURATION, signed, startFleet } from "../fleet.ts";
import { runCommand } from "../sluice-commands.ts";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";
import { spawnWorker } from "../worker-process.ts";

/**
 * Sluice as its users run it, killed. The private Redis belongs to the data directory, so a start on the
 * same directory goes on where the killed process stopped.
 */
const running: SluiceProcess[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(async (each) => await each.end("SIGTERM")));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const TOKEN = "crash-test-token";

async function place(): Promise<{
  env: Record<string, string>;
  ports: Record<"ingress" | "worker" | "records", number>;
}> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-crash-"));
  folders.push(folder);
  const ports = { ingress: await freePort(), worker: await freePort(), records: await freePort() };
  const config = join(folder, "sluice.yaml");
  writeFileSync(config, CONFIGURATION);
  const env = {
    SLUICE_CONFIG: config,
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_RECORDS_TOKEN: TOKEN,
    SLUICE_INGRESS_PORT: String(ports.ingress),
    SLUICE_WORKER_PORT: String(ports.worker),
    SLUICE_RECORDS_PORT: String(ports.records),
    RECORDS_URL: `http://127.0.0.1:${ports.records}`,
    SLUICE_LOG: "warn",
  };
  return { env, ports };
}

function start(args: readonly string[], env: Record<string, string>): SluiceProcess {
  const started = startSluice(args, env);
  running.push(started);
  return started;
}

async function send(port: number, id: string, data: object): Promise<number> {
  const request = signed(id, JSON.stringify({ type: "customer.updated", data }));
  return (await fetch(`http://127.0.0.1:${port}/webhooks/erp`, request)).status;
}

async function records(port: number): Promise<Map<string, Record<string, unknown>>> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v2/custom_objects/customer/records?page[size]=100`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  const { custom_object_records: all } = (await response.json()) as {
    custom_object_records: { external_id: string; custom_object_fields: Record<string, unknown> }[];
  };
  return new Map(all.map((record) => [record.external_id, record.custom_object_fields]));
}

async function until(what: () => Promise<boolean>, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await what())) {
    if (performance.now() > end) throw new Error(`not so after ${deadlineMs} ms: ${what.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("what was acknowledged before a SIGKILL is written after the next start", async () => {
  const { env, ports } = await place();
  // The store is not there yet: no acknowledged event can have been written before the kill.
  const away = { ...env, RECORDS_URL: `http://127.0.0.1:${await freePort()}` };
  const first = start(["up"], away);
  await first.ready(ports.ingress);
  for (let id = 1; id <= 20; id += 1) {
    const data = { id, name: `Customer ${id}`, version: "2026-01-01T00:00:00Z", tier: "gold" };
    expect(await send(ports.ingress, `evt-${id}`, data)).toBe(202);
  }
  expect(await records(ports.records)).toEqual(new Map());
  expect(await first.end("SIGKILL")).toBe("SIGKILL");

  const second = start(["up"], env);
  await second.ready(ports.ingress);
  await until(async () => (await records(ports.records)).size === 20, 120_000);
  expect((await records(ports.records)).get("c-7")).toMatchObject({ tier: "gold" });
  // The sender, which saw its 202, may send again all the same.
  const data = { id: 7, name: "Customer 7", version: "2026-01-01T00:00:00Z", tier: "gold" };
  const request = awaiting(signed("evt-7", JSON.stringify({ type: "customer.updated", data })));
  const again = await fetch(`http://127.0.0.1:${ports.ingress}/webhooks/erp`, request);
  expect(await again.json()).toMatchObject({ duplicates: 1 });
  const audit = await runCommand(["audit"], env);
  expect(audit.code).toBe(0);
  expect(audit.output).toMatch(/^crm +erp +20 /m);
  expect(audit.output).toContain("Every accepted change is pending or has exactly one outcome.");
  expect(await second.end("SIGTERM")).toBe(0);
});

test("killing one of several workers loses nothing", async () => {
  const fleet = await startFleet();
  onTestFinished(async () => await fleet.close());
  const [killed, other] = await Promise.all([1, 2].map(async () => await spawnWorker(fleet, inject("redisUrl"))));
  onTestFinished(() => void other!.kill("SIGKILL"));
  const events = Array.from({ length: 300 }, (_, index) => index);
  const sent = events.map(async (index) => {
    const data = {
      id: index % 60,
      name: `C ${index % 60}`,
      version: new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString(),
      balance: index,
    };
    return (await fleet.store({ id: `share-${index}`, type: "customer.updated", data })).status;
  });
  killed!.kill("SIGKILL");
  expect(new Set(await Promise.all(sent))).toEqual(new Set([202]));
  const right = async (): Promise<boolean> => {
    const all = new Map(
      (await fleet.recordsOf("customer")).map((record) => [record.external_id, record.custom_object_fields]),
    );
    return [...Array(60).keys()].every((id) => Number(all.get(`c-${id}`)?.["balance"]) === 240 + id);
  };
  // A record that the killed worker had claimed comes back when its lease ends, after a minute at most.
  await until(right, 150_000);
});
