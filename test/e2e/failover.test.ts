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
import { until } from "../until.ts";

/** A primary and its replica behind one address, two doors that wait for the replica, a worker, and a destination that remembers. */
const dataDirs = [1, 2].map(() => mkdtempSync(join(tmpdir(), "sluice-failover-")));
const log = createLog({ role: "test", level: "silent" });
let destination: TestDestination;
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
  await follow(second, first);
  address = await openRedisAddress(first.options.port!);
  destination = await openTestDestination();
  const path = join(dataDirs[0]!, "sluice.yaml");
  // Without a version the order of arrival decides, and nothing else. A lease is three times as long as the timeout.
  const text = CONFIGURATION.replaceAll(/^ +version: data\.version\n/gm, "").replace(
    /^ +concurrency: 4$/m,
    // A failover forgets claims that were not yet replicated: the destination, which checks no token, is left alone so long.
    "$&\n    timeout: 2s\n    settle_after_silence: 3s",
  );
  writeFileSync(path, `${text}\nack: { replicas: 1 }\n`);
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

async function follow(replica: Redis, primary: Redis): Promise<void> {
  await replica.replicaof("127.0.0.1", String(primary.options.port));
  await until(async () => (await replica.info("replication")).includes("master_link_status:up"));
}

/** The highest arrival that any door gave, in microseconds. */
const ARRIVAL = "{sluice:intake}:arrival";

/** Sends the record's next value, by one door and then the other, until a door acknowledged it. @returns how often one refused */
async function send(record: number, value: number): Promise<number> {
  const data = { id: record, name: `Customer ${record}`, tier: `v${value}` };
  for (let refused = 0; ; refused += 1) {
    const request = signed(`e-${record}-${value}`, JSON.stringify({ type: "customer.updated", data }));
    const door = doors[(record + value) % doors.length]!;
    const response = await fetch(`${door.url}/webhooks/erp`, request);
    await response.arrayBuffer();
    if (response.status === 202) return refused;
    expect(response.status).toBe(503);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("through failovers there and back two doors lose nothing that they acknowledged, and what came later is newer", async () => {
  const acknowledged = Array.from({ length: 8 }, () => 0);
  // Arrivals are ahead of every server's clock, as after a door whose clock was an hour ahead.
  await first.set(ARRIVAL, (Date.now() + 3_600_000) * 1000);
  for (const [from, to] of [
    [first, second],
    [second, first],
  ] as const) {
    /** The first value after the failover is a record's last one: an arrival that went back would leave the record at an older value. */
    const enough: { values: readonly number[] | null } = { values: null };
    const senders = acknowledged.map(async (begun, record) => {
      let refused = 0;
      for (let value = begun + 1; enough.values === null || value <= enough.values[record]! + 1; value += 1) {
        refused += await send(record, value);
        acknowledged[record] = value;
      }
      return refused;
    });
    const before = [...acknowledged];
    await until(() => acknowledged.every((count, record) => count >= before[record]! + 3));
    const highest = Number(await from.get(ARRIVAL));
    await to.replicaof("NO", "ONE");
    enough.values = [...acknowledged];
    address.leadTo(to.options.port!);
    await follow(from, to);
    const refused = await Promise.all(senders);
    expect(Math.max(...refused)).toBeGreaterThan(0);
    expect(Number(await to.get(ARRIVAL))).toBeGreaterThan(highest);
    await until(async () => {
      const metrics = await (await fetch(`${worker.url}/metrics`)).text();
      return /^sluice_intake_waiting_webhooks 0$/m.test(metrics) && /^sluice_pending_changes\{.*\} 0$/m.test(metrics);
    });
    const wanted = acknowledged.map((value, record) => [`c-${record}`, `v${value}`] as const);
    const shown = [...destination.shown()].map(([record, { tier }]) => [record, tier] as const);
    expect(new Map(shown)).toEqual(new Map(wanted));
  }
  // Claims that the replica did not have yet are a state that went back, and told; no acknowledged event is among them.
  const audit = await runCommand(["audit", "--seen", "--json"], env);
  expect(audit.code, audit.output).toBe(0);
  // A value that was refused and stored all the same came again as a duplicate.
  const audited = JSON.parse(audit.printed) as { readonly wentBack: readonly { readonly notHeld: number }[] };
  expect(audited.wentBack.every(({ notHeld }) => notHeld === 0)).toBe(true);
  expect(audited).toMatchObject({
    accounts: [{ source: "erp", accepted: acknowledged.reduce((sum, count) => sum + count, 0) }],
  });
});
