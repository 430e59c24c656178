import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startIngress, type RunningIngress } from "@sluice/ingress";
import { createLog, loadConfiguration, startRedis, systemClock, type RunningRedis } from "@sluice/runtime";
import { CONFIGURATION, signed } from "../fleet.ts";

let redis: RunningRedis;
let admin: Redis;
let ingress: RunningIngress;
const dataDir = mkdtempSync(join(tmpdir(), "sluice-away-"));

beforeAll(async () => {
  const log = createLog({ role: "test", level: "silent" });
  redis = await startRedis({ dataDir, env: process.env, log });
  admin = new Redis(redis.url);
  admin.on("error", () => {});
  const path = join(dataDir, "sluice.yaml");
  writeFileSync(path, CONFIGURATION);
  const env = { SLUICE_RECORDS_TOKEN: "t", RECORDS_URL: "http://127.0.0.1:1" };
  const configuration = await loadConfiguration({ path, env });
  ingress = await startIngress({ configuration, redisUrl: redis.url, port: 0, clock: systemClock, log });
}, 60_000);
afterAll(async () => {
  await ingress.close(0);
  admin.disconnect();
  await redis.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

let number = 0;
async function send(
  id = `away-${(number += 1)}`,
): Promise<{ status: number; retryAfter: string | null; body: unknown }> {
  const data = { id: 1, name: "One", version: new Date(Date.UTC(2026, 0, 1, 0, 0, number)).toISOString() };
  const response = await fetch(
    `${ingress.url}/webhooks/erp`,
    signed(id, JSON.stringify({ type: "customer.updated", data })),
  );
  return { status: response.status, retryAfter: response.headers.get("retry-after"), body: await response.json() };
}

const REFUSED = { status: 503, retryAfter: "5", body: { error: { code: "queue_unavailable" } } };

async function accepted(): Promise<number> {
  const [count] = await admin.hmget("{sluice:crm}:counts", "accepted:erp");
  return Number(count ?? 0);
}

test("a Redis that takes no writes means 503 with Retry-After and nothing stored, until it does again", async () => {
  expect(await send()).toMatchObject({ status: 202 });
  const before = await accepted();

  await admin.replicaof("127.0.0.1", "1");
  expect(await send("retried")).toMatchObject(REFUSED);
  await admin.replicaof("NO", "ONE");
  expect(await accepted()).toBe(before);

  await admin.config("SET", "maxmemory", "1");
  expect(await send("retried")).toMatchObject(REFUSED);
  await admin.config("SET", "maxmemory", "0");
  expect(await accepted()).toBe(before);

  // What was refused is no duplicate when its sender tries again.
  expect(await send("retried")).toMatchObject({ status: 202, body: { accepted: 1, duplicates: 0 } });
});

test("a Redis that is gone means 503, and readiness says so", async () => {
  await redis.stop();
  expect(await send()).toMatchObject(REFUSED);
  const ready = await fetch(`${ingress.url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ status: "not ready", checks: { redis: { ok: false } } });
  expect((await fetch(`${ingress.url}/healthz`)).status).toBe(200);
});
