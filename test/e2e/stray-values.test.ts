import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONFIGURATION, signed } from "../fleet.ts";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";

/** Versions and keys that are not as the others are, beside a Sluice that runs: each is that event's own dead letter. */
const TOKEN = "stray-token";
const folder = mkdtempSync(join(tmpdir(), "sluice-stray-"));
let up: SluiceProcess;
let env: Record<string, string>;
let ports: { ingress: number; worker: number; records: number };

beforeAll(async () => {
  ports = { ingress: await freePort(), worker: await freePort(), records: await freePort() };
  writeFileSync(join(folder, "sluice.yaml"), CONFIGURATION);
  env = {
    SLUICE_CONFIG: join(folder, "sluice.yaml"),
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_RECORDS_TOKEN: TOKEN,
    SLUICE_INGRESS_PORT: String(ports.ingress),
    SLUICE_WORKER_PORT: String(ports.worker),
    SLUICE_RECORDS_PORT: String(ports.records),
    RECORDS_URL: `http://127.0.0.1:${ports.records}`,
    SLUICE_LOG: "error",
  };
  up = startSluice(["up"], env);
  await up.ready(ports.ingress);
});
afterAll(async () => {
  await up.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
});

async function sluice(...args: string[]): Promise<{ code: number | NodeJS.Signals; output: string }> {
  const command = startSluice(args, env);
  const code = await command.ended();
  return { code, output: command.output() };
}

async function send(id: string, data: object): Promise<void> {
  const request = signed(id, JSON.stringify({ type: "customer.updated", data }));
  const response = await fetch(`http://127.0.0.1:${ports.ingress}/webhooks/erp`, request);
  expect(response.status).toBe(202);
}

async function askStore(path: string, request: RequestInit = {}): Promise<Response> {
  return await fetch(`http://127.0.0.1:${ports.records}/api/v2/custom_objects/customer/records${path}`, {
    ...request,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
  });
}

async function tiers(): Promise<Readonly<Record<string, string>>> {
  const { custom_object_records: found } = (await (await askStore("?page[size]=100")).json()) as {
    custom_object_records: { external_id: string; custom_object_fields: { tier: string } }[];
  };
  return Object.fromEntries(found.map((each) => [each.external_id, each.custom_object_fields.tier]));
}

async function deadRecords(): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${ports.worker}/metrics`)).text();
  return Number(/^sluice_dead_records\{destination="crm"\} (\d+)$/m.exec(metrics)?.[1]);
}

async function codes(): Promise<readonly string[]> {
  const { output } = await sluice("dead", "list", "--json");
  const letters = output.split("\n").filter((line) => line.startsWith("{"));
  return letters.map((line) => (JSON.parse(line) as { reason: { code: string } }).reason.code);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 120_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never so: ${holds.toString()}\n${up.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test(
  "one stray version is that event's dead letter, later events of the object flow, and a command changes an object's kind",
  { timeout: 300_000 },
  async () => {
    await send("good-1", { id: 1, version: "2026-05-01T00:00:00Z", name: "One", tier: "tin" });
    await until(async () => (await tiers())["c-1"] === "tin");
    await send("stray", { id: 2, version: 1, name: "Two", tier: "stray" });
    await until(async () => (await deadRecords()) === 1);
    expect(await codes()).toEqual(["version_kind"]);
    await send("good-2", { id: 1, version: "2026-05-02T00:00:00Z", tier: "gold" });
    await send("good-3", { id: 3, version: "2026-05-01T00:00:00Z", name: "Three", tier: "gold" });
    await until(async () => (await tiers())["c-1"] === "gold" && (await tiers())["c-3"] === "gold");
    expect(await deadRecords()).toBe(1);

    // Where the first event was the stray one.
    expect((await sluice("record", "reorder", "customer")).output).toContain("The next event on customer");
    await send("whole", { id: 4, version: 7, name: "Four", tier: "whole" });
    await until(async () => (await tiers())["c-4"] === "whole");
    const replayed = await sluice("dead", "replay", "--all");
    expect(replayed, replayed.output).toMatchObject({ code: 0 });
    await until(async () => (await tiers())["c-2"] === "stray");
  },
);

test(
  "a key that nobody could tell from another is a dead letter, as the store would refuse it, and a field key that no store has is told at the start",
  { timeout: 300_000 },
  async () => {
    // With the mark in front two records would be shown alike.
    const dead = await deadRecords();
    await send("unseen", { id: "9\uFEFF", version: 9, name: "Nine", tier: "unseen" });
    await until(async () => (await deadRecords()) === dead + 1);
    expect(await codes()).toContain("key_invalid");
    const body = JSON.stringify({ custom_object_record: { name: "Nine", custom_object_fields: {} } });
    const answer = await askStore(`?external_id=${encodeURIComponent("c-9\uFEFF")}`, { method: "PATCH", body });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("has characters that cannot be seen");

    const file = join(folder, "keys.yaml");
    writeFileSync(file, CONFIGURATION.replaceAll("tier: data.tier", "1: data.tier"));
    const checked = await sluice("config", "check", "--config", file);
    expect(checked.code).toBe(1);
    expect(checked.output).toMatch(/fields.*1/);
  },
);
