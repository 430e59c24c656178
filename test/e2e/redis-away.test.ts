import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startIngress, type RunningIngress } from "@sluice/ingress";
import { createLog, loadConfiguration, startRedis, systemClock, type RunningRedis } from "@sluice/runtime";
import { startWorker, type RunningWorker } from "@sluice/worker";
import { awaiting, CONFIGURATION, signed } from "../fleet.ts";
import { openRedisAddress, type RedisAddress } from "../redis-address.ts";
import { until } from "../until.ts";
import { upserted } from "../upserted.ts";

/** Two Redis servers behind one address, as a failover has them; a door, a worker and a destination that takes everything. */
const dataDirs = [1, 2].map(() => mkdtempSync(join(tmpdir(), "sluice-away-")));
let servers: readonly RunningRedis[];
let first: Redis;
let second: Redis;
let address: RedisAddress;
let destination: HttpServer;
let ingress: RunningIngress;
let worker: RunningWorker;
let start: () => Promise<void>;
const written: string[] = [];

beforeAll(async () => {
  const log = createLog({ role: "test", level: "silent" });
  servers = await Promise.all(dataDirs.map(async (dataDir) => await startRedis({ dataDir, env: process.env, log })));
  [first, second] = servers.map(({ url }) => new Redis(url)) as [Redis, Redis];
  for (const each of [first, second]) {
    each.on("error", () => {});
    // Both have one password, so that the address may lead to either.
    await each.config("SET", "requirepass", "secret");
    await each.call("AUTH", "secret");
    await each.config("SET", "masterauth", "secret");
    // A new replica gets its copy at once, not after the 5 s in which others may come.
    await each.config("SET", "repl-diskless-sync-delay", "0");
  }
  address = await openRedisAddress(portOf(first));
  destination = createHttpServer((request, response) => {
    written.push(request.url ?? "");
    response.writeHead(200, { "content-type": "application/json" }).end(upserted(request.url));
    request.resume();
  }).listen(0, "127.0.0.1");
  await once(destination, "listening");
  const path = join(dataDirs[0]!, "sluice.yaml");
  writeFileSync(path, CONFIGURATION);
  const recordsUrl = `http://127.0.0.1:${(destination.address() as AddressInfo).port}`;
  const configuration = await loadConfiguration({
    path,
    env: { SLUICE_RECORDS_TOKEN: "t", RECORDS_URL: recordsUrl },
  });
  const role = { configuration, redisUrl: address.url, port: 0, clock: systemClock, log };
  start = async () => {
    ingress = await startIngress(role);
    worker = await startWorker(role);
  };
  await start();
});
afterAll(async () => {
  await ingress.close(0);
  first.disconnect();
  second.disconnect();
  address.close();
  destination.close();
  await Promise.all(servers.map(async (server) => await server.stop()));
  for (const dataDir of dataDirs) rmSync(dataDir, { recursive: true, force: true });
});

function portOf(redis: Redis): number {
  return redis.options.port!;
}

let number = 0;
async function send(
  id = `away-${(number += 1)}`,
): Promise<{ status: number; retryAfter: string | null; body: unknown }> {
  const version = new Date(Date.UTC(2026, 0, 1, 0, 0, number)).toISOString();
  const data = { id: number, name: `Customer ${number}`, version };
  const response = await fetch(
    `${ingress.url}/webhooks/erp`,
    awaiting(signed(id, JSON.stringify({ type: "customer.updated", data }))),
  );
  return { status: response.status, retryAfter: response.headers.get("retry-after"), body: await response.json() };
}

const REFUSED = { status: 503, retryAfter: "5", body: { error: { code: "queue_unavailable" } } };

async function accepted(redis: Redis): Promise<number> {
  const [count] = await redis.hmget("{sluice:crm}:counts", "accepted:erp");
  return Number(count ?? 0);
}

/** The door opens by itself, takes a webhook that it had refused for new, and a worker writes its record. */
async function recovers(refusedId: string, redis: Redis, before: number): Promise<void> {
  const answer = await until(
    async () => await send(refusedId),
    ({ status }) => status !== 503,
  );
  expect(answer).toMatchObject({ status: 202, body: { accepted: 1, duplicates: 0 } });
  expect(await accepted(redis)).toBe(before + 1);
  const record = `c-${number}`;
  await until(
    async () => written,
    (all) => all.some((url) => url.endsWith(record)),
  );
}

test("a Redis that became a replica means 503 and nothing stored, until it is none any more", async () => {
  expect(await send()).toMatchObject({ status: 202 });
  const before = await accepted(first);
  await first.replicaof("127.0.0.1", "1");
  expect(await send("read-only")).toMatchObject(REFUSED);
  await first.replicaof("NO", "ONE");
  expect(await accepted(first)).toBe(before);
  await recovers("read-only", first, before);
});

test("a Redis without memory means 503 and nothing stored, until it has some", async () => {
  const before = await accepted(first);
  await first.config("SET", "maxmemory", "1");
  expect(await send("no-memory")).toMatchObject({ status: 503, body: { error: { code: "queue_unavailable" } } });
  await first.config("SET", "maxmemory", "0");
  expect(await accepted(first)).toBe(before);
  await recovers("no-memory", first, before);
});

test("a door and a worker that start while Redis has no memory stay, and go on once it has some", async () => {
  const before = await accepted(first);
  await ingress.close(0);
  await worker.close(0);
  await first.config("SET", "maxmemory", "1");
  await start();
  expect(await send("started-without")).toMatchObject({ status: 503, body: { error: { code: "queue_unavailable" } } });
  await first.config("SET", "maxmemory", "0");
  expect(await accepted(first)).toBe(before);
  await recovers("started-without", first, before);
});

test("above its memory budget the door stays closed for longer, and readiness says why", async () => {
  const before = await accepted(first);
  // The memory of connections is little beside this filler, so that Redis' use stays where it was measured.
  await first.setrange("filler", 32 * 1024 * 1024, "x");
  const used = Number(/^used_memory:(\d+)/m.exec(await first.info("memory"))?.[1]);
  // Redis itself would still take writes: the budget is 80 % of this.
  await first.config("SET", "maxmemory", String(Math.ceil(used * 1.12)));
  const pressed = await until(
    async () => await (await fetch(`${ingress.url}/readyz`)).json(),
    (ready) => !(ready as { checks: { memory: { ok: boolean } } }).checks.memory.ok,
  );
  expect(JSON.stringify(pressed)).toContain("nothing is admitted until it is 5 % below");
  expect(await send("pressed")).toMatchObject({ ...REFUSED, retryAfter: "30" });
  expect(await accepted(first)).toBe(before);
  await first.del("filler");
  await first.config("SET", "maxmemory", "0");
  await recovers("pressed", first, before);
});

test("while Redis loads its data the door answers 503, and then goes on", async () => {
  // The other server holds the same state: Sluice would tell of another one.
  await second.replicaof("127.0.0.1", String(portOf(first)));
  await until(
    async () => await second.info("replication"),
    (info) => info.includes("master_link_status:up"),
  );
  await second.replicaof("NO", "ONE");
  // The key is beyond what the other server knows: it can't go on there, and gets a whole copy.
  await first.set("beyond", "x");
  const before = await accepted(second);
  await second.mset(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`filler:${n}`, "x".repeat(2000)])));
  // A replica loads its primary's data like a file after a start: 10 ms a key, and it says so meanwhile.
  await first.config("SET", "key-load-delay", "10000", "loading-process-events-interval-bytes", "1024");
  await first.replicaof("127.0.0.1", String(portOf(second)));
  await until(
    async () => await first.get("probe").catch((error: unknown) => String(error)),
    (said) => said?.includes("LOADING") === true,
  );
  expect(await send("loading")).toMatchObject(REFUSED);
  await until(
    async () => await first.replicaof("NO", "ONE").catch((error: unknown) => String(error)),
    (said) => said === "OK",
  );
  await first.config("SET", "key-load-delay", "0");
  await recovers("loading", first, before);
});

test("after a failover door and worker are with the new primary, without a restart", async () => {
  await second.replicaof("127.0.0.1", String(portOf(first)));
  await until(
    async () => await second.info("replication"),
    (info) => info.includes("master_link_status:up"),
  );
  const before = await accepted(first);
  await second.replicaof("NO", "ONE");
  await first.replicaof("127.0.0.1", String(portOf(second)));
  address.leadTo(portOf(second));
  expect(await send("failed-over")).toMatchObject(REFUSED);
  await recovers("failed-over", second, before);
});

test("a Redis that is gone means 503, and readiness says so", async () => {
  await Promise.all(servers.map(async (server) => await server.stop()));
  // The worker ends although it can give nothing back.
  await worker.close(0);
  expect(await send()).toMatchObject(REFUSED);
  const ready = await fetch(`${ingress.url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ status: "not ready", checks: { redis: { ok: false } } });
  expect((await fetch(`${ingress.url}/healthz`)).status).toBe(200);
});
