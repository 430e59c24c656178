import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startIngress, type RunningIngress } from "@sluice/ingress";
import { createLog, loadConfiguration, startRedis, systemClock, type RunningRedis } from "@sluice/runtime";
import { startWorker, type RunningWorker } from "@sluice/worker";
import { CONFIGURATION, signed } from "../fleet.ts";
import { openRedisAddress, type RedisAddress } from "../redis-address.ts";
import { runCommand } from "../sluice-commands.ts";
import { openTestDestination, type TestDestination } from "../test-destination.ts";
import { until as untilSo } from "../until.ts";

/** A primary and a replica that lags behind it, two doors, a worker, and a destination that checks no token. */
const dataDirs = [1, 2].map(() => mkdtempSync(join(tmpdir(), "sluice-went-back-")));
const lines: string[] = [];
const log = createLog({ role: "test", level: "warn", to: { write: (line) => void lines.push(line) } });
let destination: TestDestination;
const SETTLE_MS = 3000;
let servers: readonly RunningRedis[];
let first: Redis;
let second: Redis;
let address: RedisAddress;
let doors: readonly RunningIngress[];
let worker: RunningWorker;
let env: Record<string, string>;

beforeAll(async () => {
  servers = await Promise.all(dataDirs.map(async (dataDir) => await startRedis({ dataDir, env: process.env, log })));
  [first, second] = servers.map(({ url }) => new Redis(url)) as [Redis, Redis];
  for (const each of [first, second]) {
    each.on("error", () => {});
    await each.config("SET", "requirepass", "secret");
    await each.call("AUTH", "secret");
    await each.config("SET", "masterauth", "secret");
    await each.config("SET", "repl-diskless-sync-delay", "0");
  }
  address = await openRedisAddress(first.options.port!);
  destination = await openTestDestination();
  const path = join(dataDirs[0]!, "sluice.yaml");
  const silence = `$&\n    timeout: 1s\n    settle_after_silence: ${SETTLE_MS / 1000}s`;
  writeFileSync(path, CONFIGURATION.replace(/^ +concurrency: 4$/m, silence));
  env = {
    SLUICE_CONFIG: path,
    SLUICE_DATA_DIR: dataDirs[0]!,
    SLUICE_REDIS_URL: address.url,
    SLUICE_RECORDS_TOKEN: "t",
    RECORDS_URL: destination.url,
  };
  const configuration = await loadConfiguration({ path, env });
  const role = { configuration, redisUrl: address.url, port: 0, clock: systemClock, log };
  doors = await Promise.all([startIngress(role), startIngress(role)]);
  worker = await startWorker(role);
});
afterAll(async () => {
  await Promise.all([...doors, worker].map(async (each) => await each.close(0)));
  first.disconnect();
  second.disconnect();
  address.close();
  destination.close();
  await Promise.all(servers.map(async (server) => await server.stop()));
  for (const dataDir of dataDirs) rmSync(dataDir, { recursive: true, force: true });
});

const until = async (holds: () => Promise<boolean> | boolean): Promise<void> =>
  void (await untilSo(holds, Boolean, { told: () => lines.slice(-20).join("") }));

/** Sends a value again and again until a door acknowledges it. */
async function send(record: number, value: number): Promise<void> {
  const data = { id: record, name: `Customer ${record}`, version: value, tier: `v${value}` };
  for (;;) {
    const request = signed(`e-${record}-${value}`, JSON.stringify({ type: "customer.updated", data }));
    const response = await fetch(`${doors[record % 2]!.url}/webhooks/erp`, request);
    await response.arrayBuffer();
    if (response.status === 202) return;
    expect(response.status).toBe(503);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const sendAll = async (value: number): Promise<void> =>
  void (await Promise.all(Array.from({ length: 60 }, async (_, record) => await send(record, value))));
const showsAll = (value: number): boolean =>
  Array.from({ length: 60 }, (_, record) => destination.shown().get(`c-${record}`)?.["tier"]).every(
    (shown) => shown === `v${value}`,
  );
const metricsOf = async (): Promise<string> => await (await fetch(`${worker.url}/metrics`)).text();
const isDrained = async (): Promise<boolean> => {
  const metrics = await metricsOf();
  return /^sluice_intake_waiting_webhooks 0$/m.test(metrics) && /^sluice_pending_changes\{.*\} 0$/m.test(metrics);
};
const wordsOn = async (url: string): Promise<string> => {
  const { checks } = (await (await fetch(`${url}/readyz`)).json()) as { checks: { state: { detail: string } } };
  return checks.state.detail;
};
type Audited = { readonly wentBack: readonly { readonly addedAgain: number; readonly why: string }[] };

/** The replica gets nothing any more; the fleet goes on with the primary. */
async function lag(): Promise<void> {
  await second.replicaof("127.0.0.1", String(first.options.port));
  await until(async () => (await second.info("replication")).includes("master_link_status:up"));
  await first.call("WAIT", "1", "5000");
  await second.replicaof("NO", "ONE");
}

async function failOver(): Promise<void> {
  address.leadTo(second.options.port!);
  process.kill(Number(/^process_id:(\d+)/m.exec(await first.info("server"))![1]), "SIGKILL");
}

test("after a failover to a replica that lagged, doors add again what they acknowledged, the destination is held once, and it is told", async () => {
  await sendAll(1);
  await until(async () => showsAll(1) && (await isDrained()));
  expect(await wordsOn(doors[0]!.url)).toBe("no older than what was known of it");
  await lag();
  // The replica knows nothing of these events: the destination shows them, and their senders heard 202.
  await sendAll(2);
  await until(() => showsAll(2));
  const before = destination.written.length;
  await failOver();
  // The loss must be told first: until then nothing seems to be missing.
  await until(async () => /doors added \d+ webhooks again/.test(await wordsOn(worker.url).catch(() => "")));
  await until(async () => showsAll(2) && (await isDrained()) && destination.written.length > before);

  const pauses = destination.written
    .slice(before)
    .map(({ atMs }, index) => atMs - destination.written[before + index - 1]!.atMs);
  expect(Math.max(...pauses)).toBeGreaterThan(SETTLE_MS * 0.9);
  expect(await metricsOf()).toMatch(/^sluice_state_went_back 1$/m);
  for (const { url } of [...doors, worker]) {
    expect(await wordsOn(url)).toMatch(/went back to an earlier one.*doors added \d+ webhooks again.*compare them/);
  }
  const told = lines.filter((line) => line.includes('"state_went_back"'));
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/"level":"?(50|error)/);

  const audit = await runCommand(["audit", "--json"], env);
  expect(audit.code).toBe(1);
  const seen = await runCommand(["audit", "--seen", "--json"], env);
  expect(seen.code, seen.output).toBe(0);
  const { wentBack } = JSON.parse(seen.printed) as Audited;
  expect(wentBack).toMatchObject([{ why: "older" }]);
  expect(wentBack[0]!.addedAgain).toBeGreaterThanOrEqual(60);
  expect(await wordsOn(worker.url)).toBe("no older than what was known of it");
  expect(await metricsOf()).toMatch(/^sluice_state_went_back 0$/m);
});

test("a Redis that comes back empty gets again what doors acknowledged shortly before, and it is told that the state is gone", async () => {
  await sendAll(3);
  // The server is as empty as one that keeps nothing on its disk, after its end.
  await second.flushall();
  await until(async () => /the state in Redis is gone.*doors added \d+ webhooks again/.test(await wordsOn(worker.url)));
  await until(async () => showsAll(3) && (await isDrained()));
  expect(lines.filter((line) => line.includes('"state_went_back"'))).toHaveLength(2);
});
