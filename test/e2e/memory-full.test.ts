import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startIngress, type RunningIngress } from "@sluice/ingress";
import { createLog, loadConfiguration, startRedis, systemClock, type RunningRedis } from "@sluice/runtime";
import { startWorker, type RunningWorker } from "@sluice/worker";
import { readAccounts } from "../chaos/accounts.ts";
import { CONFIGURATION, signed } from "../fleet.ts";
import { runCommand } from "../sluice-commands.ts";
import { openTestDestination, type TestDestination } from "../test-destination.ts";
import { until as untilSo } from "../until.ts";

/** A small Redis of this test's own, a door, and a destination that is away until it is let. */
const dataDir = mkdtempSync(join(tmpdir(), "sluice-full-"));
const log = createLog({ role: "test", level: "silent" });
const ROOM_BYTES = 12 * 1024 * 1024;
const FILLER_BYTES = 10_000;
let destination: TestDestination;
let server: RunningRedis;
let redis: Redis;
let env: Record<string, string>;
let role: Parameters<typeof startWorker>[0];
let door: RunningIngress;
const workers: RunningWorker[] = [];

beforeAll(async () => {
  server = await startRedis({ dataDir, env: process.env, log });
  redis = new Redis(server.url);
  destination = await openTestDestination();
  destination.answerAll(503);
  const path = join(dataDir, "sluice.yaml");
  writeFileSync(path, CONFIGURATION);
  env = {
    SLUICE_CONFIG: path,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_REDIS_URL: server.url,
    SLUICE_RECORDS_TOKEN: "t",
    RECORDS_URL: destination.url,
  };
  const configuration = await loadConfiguration({ path, env });
  role = { configuration, redisUrl: server.url, port: 0, clock: systemClock, log };
});
afterAll(async () => {
  await door.close(0);
  await Promise.all(workers.map(async (worker) => await worker.close(0)));
  redis.disconnect();
  destination.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function fact(name: string): Promise<number> {
  return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(await redis.info())?.[1]);
}

/** One of the numbers that a worker shows. */
async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${workers[0]!.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
}

const until = async (holds: () => Promise<boolean> | boolean): Promise<void> =>
  void (await untilSo(holds, Boolean, { deadlineMs: 300_000, told: async () => await redis.info("memory") }));

/** The memory in use once nothing was understood for 30 looks, in which a job that waits for room has looked several times. */
async function whenRested(): Promise<number> {
  let understood = -1;
  let looks = 0;
  let lowest = Number.POSITIVE_INFINITY;
  await until(async () => {
    const before = understood;
    ({ understood } = await readAccounts(redis));
    if (understood === 0 || understood !== before) [looks, lowest] = [0, Number.POSITIVE_INFINITY];
    lowest = Math.min(lowest, await fact("used_memory"));
    return (looks += 1) > 30;
  });
  return lowest;
}

/** Each webhook is a record of its own, whose name takes six times as much when it is understood. */
async function send(id: number): Promise<number> {
  const data = { id, version: "2026-01-01T00:00:00Z", name: randomBytes(300).toString("hex").repeat(3), tier: "gold" };
  const request = signed(`full-${id}`, JSON.stringify({ type: "customer.updated", data }));
  const response = await fetch(`${door.url}/webhooks/erp`, request);
  await response.arrayBuffer();
  return response.status;
}

test("what filled a Redis while no worker ran is understood when they come, in steps, and every book is exact", async () => {
  const limit = (await fact("used_memory")) + ROOM_BYTES;
  await redis.config("SET", "maxmemory", String(limit));
  door = await startIngress(role);
  const stored: number[] = [];
  for (let sent = 0, isOpen = true; isOpen; sent += 32) {
    const ids = Array.from({ length: 32 }, (_, index) => sent + index);
    const statuses = await Promise.all(ids.map(send));
    expect(statuses.every((status) => status === 202 || status === 503)).toBe(true);
    stored.push(...ids.filter((_, index) => statuses[index] === 202));
    isOpen = !statuses.includes(503);
  }
  expect(stored.length).toBeGreaterThan(500);

  // Now Redis is full to the last byte: nothing can be done, and no process ends for it.
  await redis.config("SET", "maxmemory", "0");
  let fillers = 0;
  while ((await fact("used_memory")) < limit) await redis.set(`filler:${(fillers += 1)}`, "x".repeat(FILLER_BYTES));
  await redis.config("SET", "maxmemory", String(limit));
  workers.push(await startWorker(role), await startWorker(role));
  expect(await send(-1)).toBe(503);

  // There is a little room, less than all waiting webhooks need once understood: understanding stops in time for the rest to go on.
  const freed = Math.ceil((limit * 0.22) / FILLER_BYTES);
  await redis.del(...Array.from({ length: freed }, (_, index) => `filler:${index + 1}`));
  // Until there was room, scripts met the end of the memory.
  await redis.config("RESETSTAT");
  const rested = await whenRested();
  expect(rested).toBeGreaterThan(limit * 0.86);
  // Understanding rests from 90 % on. Jobs that it had begun, connections and scripts come on top.
  expect(rested).toBeLessThan(limit * 0.94);
  expect(await metric("sluice_intake_waiting_webhooks")).toBeGreaterThan(0);
  expect(destination.written).toEqual([]);

  destination.answerAll(null);
  await until(async () => destination.shown().size === stored.length);
  await until(async () => (await metric("sluice_intake_waiting_webhooks")) === 0);
  expect(new Set(stored.map((id) => `c-${id}`))).toEqual(new Set(destination.shown().keys()));
  // No script has met the end of the memory since there was room.
  expect(await redis.info("errorstats")).not.toContain("errorstat_OOM");
  const audit = await runCommand(["audit", "--json"], env);
  expect(audit.code, audit.output).toBe(0);
  expect(JSON.parse(audit.printed)).toMatchObject({
    balanced: true,
    jobs: { failed: 0, waiting: 0, missing: 0 },
    events: [{ source: "erp", understood: stored.length, results: { made: stored.length } }],
    accounts: [{ destination: "crm", source: "erp", accepted: stored.length }],
  });
});
