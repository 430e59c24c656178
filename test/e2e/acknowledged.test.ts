import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startIngress, type RunningIngress } from "@sluice/ingress";
import { createLog, loadConfiguration, startRedis, systemClock, type RunningRedis } from "@sluice/runtime";
import { CONFIGURATION, signed } from "../fleet.ts";
import { until } from "../until.ts";

/** Two Redis servers of this test's own, the second a replica of the first, and doors that wait for one or the other. */
const dataDirs = [1, 2].map(() => mkdtempSync(join(tmpdir(), "sluice-ack-")));
const log = createLog({ role: "test", level: "silent" });
let servers: readonly RunningRedis[];
let primary: Redis;
let replica: Redis;
let door: RunningIngress | undefined;

beforeAll(async () => {
  servers = await Promise.all(dataDirs.map(async (dataDir) => await startRedis({ dataDir, env: process.env, log })));
  [primary, replica] = servers.map(({ url }) => new Redis(url)) as [Redis, Redis];
  await replica.config("SET", "masterauth", primary.options.password ?? "");
  // A new replica gets its copy at once, not after the 5 s in which others may come.
  await primary.config("SET", "repl-diskless-sync-delay", "0");
});
afterEach(async () => {
  await door?.close(0);
  door = undefined;
});
afterAll(async () => {
  primary.disconnect();
  replica.disconnect();
  await Promise.all(servers.map(async (server) => await server.stop()));
  for (const dataDir of dataDirs) rmSync(dataDir, { recursive: true, force: true });
});

async function open(ack: string): Promise<RunningIngress> {
  const path = join(dataDirs[0]!, "sluice.yaml");
  writeFileSync(path, `${CONFIGURATION}\nack: ${ack}\n`);
  const env = { SLUICE_RECORDS_TOKEN: "t", RECORDS_URL: "http://127.0.0.1:1" };
  const configuration = await loadConfiguration({ path, env });
  door = await startIngress({ configuration, redisUrl: servers[0]!.url, port: 0, clock: systemClock, log });
  return door;
}

async function send({ url }: RunningIngress, id: string): Promise<{ status: number; body: unknown }> {
  const data = { id, name: id, version: "2026-01-01T00:00:00Z" };
  const response = await fetch(`${url}/webhooks/erp`, signed(id, JSON.stringify({ type: "customer.updated", data })));
  return { status: response.status, body: await response.json() };
}

async function follow(): Promise<void> {
  await replica.replicaof("127.0.0.1", String(primary.options.port));
  await until(async () => /master_link_status:up/.test(await replica.info("replication")));
}

/** Jobs of the intake: nobody works on them here. */
async function stored(redis: Redis): Promise<number> {
  return await redis.llen("{sluice:intake}:webhooks:wait");
}

test("with `ack: { replicas: 1 }` a 2xx means that a replica has the event", async () => {
  await follow();
  const ingress = await open("{ replicas: 1 }");
  expect(await send(ingress, "r-1")).toMatchObject({ status: 202, body: { accepted: 1 } });
  expect(await stored(replica)).toBe(1);

  // Without its replica the primary stores the event, and the sender hears 503: the event may be lost with the primary.
  await replica.replicaof("NO", "ONE");
  expect(await send(ingress, "r-2")).toMatchObject({ status: 503, body: { error: { code: "queue_unavailable" } } });
  expect(await stored(primary)).toBe(2);

  await follow();
  expect(await send(ingress, "r-2")).toMatchObject({ status: 202, body: { accepted: 1 } });
  expect(await stored(replica)).toBe(3);
});

test("with `ack: fsync` a 2xx means that the event is on the disk", async (context) => {
  const version = /^redis_version:(\S+)/m.exec(await primary.info("server"))?.[1] ?? "0";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const tooOld = major < 7 || (major === 7 && minor < 2);
  context.skip(tooOld, `WAITAOF came with Redis 7.2, and the one on this machine is ${version}`);
  await primary.config("SET", "appendfsync", "everysec");
  const ingress = await open("fsync");
  const before = await stored(primary);
  expect(await send(ingress, "f-1")).toMatchObject({ status: 202, body: { accepted: 1 } });

  // A Redis that leaves syncs to its system never says that an event is on the disk.
  await primary.config("SET", "appendfsync", "no");
  expect(await send(ingress, "f-2")).toMatchObject({ status: 503, body: { error: { code: "queue_unavailable" } } });
  await primary.config("SET", "appendfsync", "always");
  expect(await send(ingress, "f-2")).toMatchObject({ status: 202, body: { accepted: 1 } });
  expect(await stored(primary)).toBe(before + 3);
});

test("what a 2xx is worth is told as Redis is set now, for people and as a metric", async () => {
  const ingress = await open("redis");
  const told = async (): Promise<string> => {
    const ready = (await (await fetch(`${ingress.url}/readyz`)).json()) as {
      checks: { durability: { detail: string } };
    };
    const metrics = await (await fetch(`${ingress.url}/metrics`)).text();
    const metric = /^sluice_ack_durability\{.*$/m.exec(metrics)?.[0] ?? "";
    return `${ready.checks.durability.detail} ${metric}`;
  };
  for (const [setting, words, label] of [
    [["appendfsync", "everysec"], "appendfsync everysec", "everysec"],
    [["appendfsync", "always"], "appendfsync always", "always"],
    [["appendonly", "no"], "a crash loses everything", "never"],
    [["save", "3600 1"], "only snapshots", "snapshots"],
    [["appendonly", "yes"], "appendfsync always", "always"],
  ] as const) {
    await primary.config("SET", ...setting);
    await until(async () => (await told()).includes(words));
    expect(await told()).toContain(`sluice_ack_durability{ack="redis",sync="${label}"} 1`);
  }
});
