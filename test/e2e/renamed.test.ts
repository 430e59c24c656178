import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openQueue } from "@sluice/queue";
import { findRedis } from "@sluice/runtime";
import { CONFIGURATION, signed } from "../fleet.ts";
import { runCommand, type Ended } from "../sluice-commands.ts";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";
import { until } from "../until.ts";

/** Names that change in `sluice.yaml` while records and webhooks wait under the old ones. */
const TOKEN = "renamed-token";
const RECORDS = 20;
const folder = mkdtempSync(join(tmpdir(), "sluice-renamed-"));
const files = { crm: join(folder, "crm.yaml"), zendesk: join(folder, "zendesk.yaml"), till: join(folder, "till.yaml") };
let ports: { ingress: number; worker: number; console: number; records: number };
let env: Record<string, string>;
let up: SluiceProcess;

beforeAll(async () => {
  ports = {
    ingress: await freePort(),
    worker: await freePort(),
    console: await freePort(),
    records: await freePort(),
  };
  const renamed = CONFIGURATION.replaceAll(/\bcrm\b/g, "zendesk");
  writeFileSync(files.crm, CONFIGURATION);
  writeFileSync(files.zendesk, renamed);
  writeFileSync(files.till, renamed.replace(/^ {2}erp:$/m, "  till:"));
  env = {
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_RECORDS_TOKEN: TOKEN,
    SLUICE_INGRESS_PORT: String(ports.ingress),
    SLUICE_WORKER_PORT: String(ports.worker),
    SLUICE_CONSOLE_PORT: String(ports.console),
    SLUICE_ADMIN_TOKEN: TOKEN,
    SLUICE_RECORDS_PORT: String(ports.records),
    RECORDS_URL: `http://127.0.0.1:${ports.records}`,
    SLUICE_LOG: "error",
  };
  up = await start(files.crm);
});
afterAll(async () => {
  await up.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
});

async function start(config: string): Promise<SluiceProcess> {
  const started = startSluice(["up"], { ...env, SLUICE_CONFIG: config });
  await started.ready(ports.ingress);
  return started;
}

const sluice = async (config: string, ...words: string[]): Promise<Ended> =>
  await runCommand(words, { ...env, SLUICE_CONFIG: config });

async function send(id: string, data: object, { port = ports.ingress, source = "erp" } = {}): Promise<void> {
  const request = signed(id, JSON.stringify({ type: "customer.updated", data }));
  const response = await fetch(`http://127.0.0.1:${port}/webhooks/${source}`, request);
  expect(response.status).toBe(202);
}

async function text(path: string): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${ports.worker}${path}`)).text();
}

/** The audit log's entries of an action, the newest first. */
async function asked(action: string): Promise<readonly object[]> {
  const url = `http://127.0.0.1:${ports.console}/api/audit?action=${action}`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  return ((await answer.json()) as { items: object[] }).items;
}

async function tiers(): Promise<readonly string[]> {
  const url = `http://127.0.0.1:${ports.records}/api/v2/custom_objects/customer/records?page[size]=100`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  const { custom_object_records: found } = (await response.json()) as {
    custom_object_records: { custom_object_fields: { tier?: string } }[];
  };
  return found.map(({ custom_object_fields: { tier } }) => tier ?? "");
}

test(
  "a destination that was renamed with records pending: everything tells it, and moving it loses nothing",
  { timeout: 300_000 },
  async () => {
    expect((await sluice(files.crm, "hold", "crm")).code).toBe(0);
    for (let id = 0; id < RECORDS; id += 1) {
      await send(`v5-${id}`, { id, version: "2026-05-05T00:00:00Z", name: `C${id}`, tier: "gold" });
    }
    const pending = (name: string) =>
      new RegExp(String.raw`^sluice_pending_records\{destination="${name}"\} ${RECORDS}$`, "m");
    await until(
      async () => await text("/metrics"),
      (metrics) => pending("crm").test(metrics),
    );

    // Nothing has been restarted yet.
    expect(await sluice(files.crm, "config", "check", "--live")).toMatchObject({ code: 0 });
    const checked = await sluice(files.zendesk, "config", "check", "--live");
    expect(checked.code).toBe(1);
    expect(checked.output).toContain(`destination crm is not in the file: ${RECORDS} records pending`);
    expect(checked.output).toContain("sluice move crm NEW");
    expect(await sluice(files.zendesk, "move", "crm", "zendesk")).toMatchObject({
      code: 1,
      output: expect.stringContaining("Living workers serve") as string,
    });

    await up.end("SIGTERM");
    up = await start(files.zendesk);
    const metric = `sluice_unserved_records{destination="crm",state="pending"} ${RECORDS}`;
    await until(
      async () => await text("/metrics"),
      (metrics) => metrics.includes(metric),
    );
    expect(await text("/readyz")).toContain(`crm: ${RECORDS} records pending`);
    expect(up.output()).toContain("is in no living worker's file");
    const audit = await sluice(files.zendesk, "audit");
    expect(audit).toMatchObject({
      code: 1,
      output: expect.stringContaining("destination crm is not in the file") as string,
    });

    // Other records flow meanwhile; something older comes in about the same records.
    await send("other", { id: 99, version: "2026-05-01T00:00:00Z", name: "C99", tier: "tin" });
    await until(tiers, (all) => all.includes("tin"));
    expect((await sluice(files.zendesk, "hold", "zendesk")).code).toBe(0);
    await send("v3-0", { id: 0, version: "2026-05-03T00:00:00Z", tier: "iron" });
    const moved = await sluice(files.zendesk, "move", "crm", "zendesk");
    expect(moved).toMatchObject({ code: 0, output: expect.stringContaining(`${RECORDS} records of crm`) as string });
    expect(await asked("destination.move")).toMatchObject([
      { via: "command", target: "crm", result: "moved", details: { to: "zendesk", records: RECORDS } },
      { via: "command", target: "crm", result: "lane_served" },
    ]);
    expect((await sluice(files.zendesk, "resume", "zendesk")).code).toBe(0);
    const all = await until(tiers, (each) => each.length === RECORDS + 1);
    expect(all.filter((tier) => tier === "gold")).toHaveLength(RECORDS);
    await until(
      async () => await text("/readyz"),
      (ready) => !ready.includes("unserved"),
    );
    const after = await sluice(files.zendesk, "audit", "--json");
    expect(after.code, after.output).toBe(0);
    const { accounts } = JSON.parse(after.printed) as {
      accounts: { destination: string; accepted: number }[];
    };
    expect(accounts.map(({ destination, accepted }) => `${destination} ${accepted}`)).toEqual([
      `zendesk ${RECORDS + 2}`,
    ]);
    expect(await sluice(files.zendesk, "config", "check", "--live")).toMatchObject({ code: 0 });
  },
);

test("what is left of a name that nobody has is counted first, and dropped once somebody says so", async () => {
  await leave("old", "customer", "4711");
  const would = await sluice(files.zendesk, "discard", "old");
  expect(would).toMatchObject({ code: 0, output: expect.stringContaining("1 pending record with 1 change") as string });
  const leaving = await sluice(files.zendesk, "config", "check", "--live", "--json");
  expect(leaving.code).toBe(1);
  expect(JSON.parse(leaving.printed)).toMatchObject({
    destinations: ["zendesk"],
    warnings: [],
    missing: null,
    isLeaving: true,
  });
  expect(await asked("destination.discard")).toEqual([]);

  expect(await sluice(files.zendesk, "discard", "old", "--yes")).toMatchObject({ code: 0 });
  expect((await sluice(files.zendesk, "config", "check", "--live")).code).toBe(0);
  expect(await asked("destination.discard")).toMatchObject([
    { via: "command", target: "old", result: "discarded", details: { records: 1 } },
  ]);
  const audit = await runCommand(["audit", "--json"], { ...env, SLUICE_CONFIG: files.zendesk });
  const { accounts } = JSON.parse(audit.printed) as { accounts: { destination: string }[] };
  const [left] = accounts.filter(({ destination }) => destination === "old");
  expect(left).toMatchObject({ source: "erp", accepted: 1, pending: 0, outcomes: { discarded: 1 } });
});

/** A pending record of a destination that a worker had in its file, and no file has any more. */
async function leave(destination: string, object: string, value: string): Promise<void> {
  const redisUrl = await findRedis(env["SLUICE_DATA_DIR"]!);
  const settings = { destinations: [destination], dedupeWindowMs: 60_000, orderingHorizonMs: 60_000 };
  const queue = await openQueue({ redisUrl: redisUrl!, kind: "worker", ...settings, onError: () => {} });
  const event = { id: "left", type: "customer.updated", time: null, source: "erp", data: null, headers: {} };
  const change = {
    destination,
    object,
    key: { by: "external_id", value },
    version: { kind: "integer", value: 1n },
    effect: { kind: "fields", fields: new Map([["tier", "gold"]]) },
  } as const;
  const arrival = { micros: Date.now() * 1000, session: 1 };
  await queue.merging.merge([{ event, rank: 0, arrival, run: 0, changes: [change], faults: [] }]);
  await queue.close();
}

test("a source that was renamed is told with what its name was good for, and nothing is held against it", async () => {
  // Its events were understood as `erp`; the file knows them as `till`.
  const checked = await sluice(files.till, "config", "check", "--live");
  expect(checked.output).toMatch(/mind: source erp is not in the file, and \d+ events of it were understood/);
  expect(checked).toMatchObject({
    code: 0,
    output: expect.stringContaining("a repetition under the new one is no duplicate") as string,
  });
});

test(
  "webhooks of a source that no worker's file has are told while they wait, by worker, metric and check",
  { timeout: 300_000 },
  async () => {
    const port = await freePort();
    const door = startSluice(["ingress"], { ...env, SLUICE_CONFIG: files.till, SLUICE_INGRESS_PORT: String(port) });
    try {
      await door.ready(port);
      await send("s-1", { id: 7, version: "2026-06-01T00:00:00Z", tier: "silver" }, { port, source: "till" });
      await until(
        async () => await text("/metrics"),
        (metrics) => metrics.includes('sluice_awaited_seconds{source="till"}'),
      );
      expect(await text("/readyz")).toContain('webhooks of "till" wait for a worker'.replaceAll('"', String.raw`\"`));
      const checked = await sluice(files.zendesk, "config", "check", "--live");
      expect(checked).toMatchObject({
        code: 1,
        output: expect.stringContaining("source till is not in the file: 1 webhook to be understood") as string,
      });
      expect((await sluice(files.zendesk, "audit")).output).toContain("source till is not in the file");
    } finally {
      await door.end("SIGTERM");
    }
  },
);
