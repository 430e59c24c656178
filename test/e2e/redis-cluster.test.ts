import { createServer } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Cluster } from "ioredis";
import { openQueue } from "@sluice/queue";
import { connect, waitUntilReady } from "../../packages/queue/src/connection/connection.ts";
import { keysLike } from "../../packages/queue/src/lanes/keys.ts";
import { createAcknowledgement } from "../../packages/queue/src/server/acknowledgement.ts";
import { startCluster, type RedisCluster } from "../redis-cluster.ts";
import { findRedisPrograms, NO_PROGRAM, until, type RedisPrograms, type RedisServer } from "../redis-programs.ts";
import { runCommand } from "../sluice-commands.ts";
import { expectAllRight, openRedisFleet, type RedisFleet } from "./redis-fleet.fixture.ts";

/** A cluster of three servers and their replicas under load: doors and workers go on while it changes. */
let programs: RedisPrograms | null;
let cluster: RedisCluster;
beforeAll(async () => {
  programs = await findRedisPrograms();
  if (programs !== null) cluster = await startCluster(programs);
});
afterAll(async () => await programs?.stop());

const INTAKE = "{sluice:intake}";
const LANE = "{sluice:crm}";

async function fleetOn(more?: string, lanes?: number): Promise<RedisFleet> {
  for (const { admin } of cluster.servers) {
    if (admin.status === "ready" && (await admin.info("replication")).includes("role:master")) await admin.flushall();
  }
  const fleet = await openRedisFleet(cluster.url, more, lanes);
  onTestFinished(async () => await fleet.close());
  return fleet;
}

test("a server of a cluster that is named as if it were alone is refused, and so is a server alone that is named as a cluster", async ({
  skip,
}) => {
  if (programs === null) return skip(NO_PROGRAM);
  const alone = await programs.start();
  const fleet = await fleetOn();
  for (const [url, code] of [
    [cluster.servers[0]!.url, "is a server of a cluster"],
    [`redis+cluster://127.0.0.1:${alone.port}`, "belongs to no cluster"],
  ] as const) {
    const refused = await runCommand(["audit"], { ...fleet.env, SLUICE_REDIS_URL: url });
    expect(refused.code).toBe(1);
    expect(refused.output).toContain(code);
  }
});

test("every process is ready on a cluster, commands work, and two lanes that may be apart are not moved together", async ({
  skip,
}) => {
  if (programs === null) return skip(NO_PROGRAM);
  const fleet = await fleetOn();
  expect(await fleet.send(1, 1)).toBe(0);
  await fleet.settled();
  expect(await fleet.ready()).toEqual([200, 200, 200, 200]);
  for (const command of [
    ["dead", "list"],
    ["types"],
    ["hold", "crm"],
    ["resume", "crm"],
    ["record", "show", "customer", "c-1"],
    ["config", "check", "--live"],
  ]) {
    const { code, output } = await runCommand(command, fleet.env);
    expect(code, output).toBe(0);
  }
  const hours = { dedupeWindowMs: 3_600_000, orderingHorizonMs: 3_600_000 };
  const queue = await openQueue({
    redisUrl: cluster.url,
    kind: "command",
    destinations: ["crm"],
    ...hours,
    onError: () => {},
  });
  onTestFinished(async () => await queue.close());
  await expect(queue.lanes.removal.move("old", "crm", () => {})).rejects.toMatchObject({ code: "lane_apart" });
});

test("slots move to another server under load, the lane's and the intake's: nothing is lost, and no lane is split", async ({
  skip,
}) => {
  if (programs === null) return skip(NO_PROGRAM);
  const fleet = await fleetOn();
  const load = fleet.load(8);
  await load.more(3);
  for (const tag of [LANE, INTAKE]) {
    const from = await cluster.ownerOf(tag);
    const to = await cluster.otherThan(from);
    const before = load.refused();
    const { moved } = await cluster.moveSlot(tag, to, async () => {
      // Half of it is here and half there: doors refuse what they can't store, and store what workers can't merge yet.
      if (tag === INTAKE) await until(() => load.refused() > before);
      else await load.more(2);
    });
    expect(moved).toBeGreaterThan(3);
    expect((await cluster.ownerOf(tag)).port).toBe(to.port);
    await load.more(3);
  }
  await load.stop();
  await expectAllRight(fleet, load.acknowledged);
});

test("the lanes of a destination are on several servers, and their number is changed under load without loss", async ({
  skip,
}) => {
  if (programs === null) return skip(NO_PROGRAM);
  const fleet = await fleetOn("", 8);
  const load = fleet.load(24);
  await load.more(3);
  const owners = [LANE, ...[1, 2, 3, 4, 5, 6, 7].map((place) => `{sluice:crm:~${place}}`)].map(async (tag) => {
    const server = await cluster.ownerOf(tag);
    return [server.port, await server.admin.hlen(`${tag}:counts`)] as const;
  });
  const used = (await Promise.all(owners)).filter(([, counts]) => counts > 0);
  expect(used.length).toBeGreaterThan(5);
  expect(new Set(used.map(([port]) => port)).size).toBeGreaterThan(1);
  const refused = await runCommand(["lanes", "crm", "2"], fleet.env);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain("Living workers serve");
  for (const lanes of [1, 4, 16]) {
    await fleet.withoutWorkers(async () => {
      // Doors go on: webhooks wait in the intake.
      await load.more(1);
      const { code, output } = await runCommand(["lanes", "crm", String(lanes)], fleet.env);
      expect(code, output).toBe(0);
      expect((await runCommand(["lanes", "crm"], fleet.env)).printed.trim()).toBe(String(lanes));
    });
    await load.more(2);
  }
  expect(fleet.logged.some((line) => line.includes("`sluice lanes crm 8` changes it"))).toBe(true);
  for (const command of [
    ["hold", "crm"],
    ["resume", "crm"],
    ["record", "show", "customer", "c-1"],
    ["dead", "list"],
  ]) {
    expect((await runCommand(command, fleet.env)).code).toBe(0);
  }
  await load.stop();
  await expectAllRight(fleet, load.acknowledged);
});

test("a server with some of a destination's lanes dies under load, and its replica takes over: nothing is lost", async ({
  skip,
}) => {
  if (programs === null) return skip(NO_PROGRAM);
  const fleet = await fleetOn("", 8);
  const load = fleet.load(24);
  await load.more(2);
  const home = await cluster.ownerOf(LANE);
  const intake = await cluster.ownerOf(INTAKE);
  const tags = [1, 2, 3, 4, 5, 6, 7].map((place) => `{sluice:crm:~${place}}`);
  const others = await Promise.all(tags.map(async (tag) => await cluster.ownerOf(tag)));
  const dead = others.find(({ port }) => port !== home.port && port !== intake.port) ?? others[0]!;
  const heir = await cluster.replicaOf(dead);
  await dead.kill();
  await load.during(until(async () => (await heir.admin.info("replication")).includes("role:master")));
  await load.more(3);
  await load.stop();
  await expectAllRight(fleet, load.acknowledged);
});

test("connections that break while a slot moves end no process", async ({ skip }) => {
  if (programs === null) return skip(NO_PROGRAM);
  const fleet = await fleetOn();
  const unheard: unknown[] = [];
  const hear = (reason: unknown): void => void unheard.push(reason);
  process.on("unhandledRejection", hear);
  onTestFinished(() => void process.off("unhandledRejection", hear));
  const load = fleet.load(8);
  await load.more(3);
  for (const tag of [LANE, INTAKE]) {
    const to = await cluster.otherThan(await cluster.ownerOf(tag));
    await cluster.moveSlot(tag, to, async () => {
      // Commands of the half that has moved are asked of this server, each behind an ASKING.
      for (let time = 0; time < 40; time += 1) {
        await to.admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    });
    await load.more(3);
  }
  await load.stop();
  await expectAllRight(fleet, load.acknowledged);
  expect(unheard).toEqual([]);
});

test("with `ack: { replicas: 1 }` the server that has the intake is asked, and no 2xx leaves while its replica stands", async ({
  skip,
}) => {
  if (programs === null) return skip(NO_PROGRAM);
  const fleet = await fleetOn("ack: { replicas: 1 }");
  expect(await fleet.send(1, 1)).toBe(0);
  const replica = await cluster.replicaOf(await cluster.ownerOf(INTAKE));
  replica.signal("SIGSTOP");
  // The replicas of the other two servers go on: any of these would say yes.
  const answers = await Promise.all([1, 2, 3].map(async (record) => await fleet.attempt(record, 2)));
  replica.signal("SIGCONT");
  expect(answers).toEqual([503, 503, 503]);
  for (const record of [1, 2, 3]) await fleet.send(record, 2);
  await fleet.settled();
  expect([1, 2, 3].map((record) => fleet.shown().get(`c-${record}`))).toEqual(["v2", "v2", "v2"]);
  expect(await fleet.audit()).toBe(4);
});

/** Merges ask for their server before they send anything: on a connection of their own nothing else ever found it again. */
test("a connection finds its servers again after a break, whatever it is asked for first, and never takes a part of the keys for all", async ({
  skip,
}) => {
  if (programs === null) return skip(NO_PROGRAM);
  const redis = connect(cluster.url, "worker", () => {});
  onTestFinished(() => redis.disconnect());
  await waitUntilReady(redis);
  const { confirm } = createAcknowledgement(redis, { replicas: 1 });
  const write = async (): Promise<boolean> =>
    await confirm(LANE, async () => await redis.set(`${LANE}:written`, 1)).then(
      () => true,
      () => false,
    );
  const found = async (): Promise<number> => {
    const pages = await Array.fromAsync(keysLike(redis, "spread:*"));
    return new Set(pages.flat()).size;
  };
  for (let at = 0; at < 30; at += 1) await redis.set(`spread:${at}`, at);
  for (const again of [write, async () => (await found()) === 30]) {
    const owner = await cluster.ownerOf(LANE);
    const gone = new Promise((resolve) => (redis as unknown as Cluster).once("-node", resolve));
    await owner.admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await gone;
    expect(await found().catch(() => 30)).toBe(30);
    await until(again, 20_000);
  }
});

/** BullMQ waits for that end when a blocked command is late: a worker whose client did not end took no job any more. */
test("a client that finds a server again while it disconnects ends all the same", async ({ skip }) => {
  if (programs === null) return skip(NO_PROGRAM);
  const redis = connect(cluster.url, "worker", () => {});
  await waitUntilReady(redis);
  const { connectionPool } = redis as unknown as { connectionPool: { findOrCreate(node: object): unknown } };
  const ended = new Promise((resolve) => redis.once("end", resolve));
  const { port } = await cluster.ownerOf(LANE);
  redis.disconnect();
  connectionPool.findOrCreate({ host: "127.0.0.1", port });
  await ended;
});

/** BullMQ waits for that as well. A look in the midst of a failover finds the cluster not whole. */
test("a client that finds the cluster not whole at first says that it is connected once it is", async ({ skip }) => {
  if (programs === null) return skip(NO_PROGRAM);
  const redis = connect(cluster.url, "worker", () => {});
  onTestFinished(() => redis.disconnect());
  await waitUntilReady(redis);
  const client = redis as unknown as { readyCheck?: (answer: (error: null, fail: string) => void) => void };
  const ended = new Promise((resolve) => redis.once("end", resolve));
  redis.disconnect();
  await ended;
  client.readyCheck = (answer) => {
    delete client.readyCheck;
    answer(null, "fail");
  };
  await redis.connect();
  expect(redis.status).toBe("ready");
});

test("a server dies, with the intake or with the lane, and its replica takes over under load: nothing is lost", async ({
  skip,
}) => {
  if (programs === null) return skip(NO_PROGRAM);
  const fleet = await fleetOn();
  const load = fleet.load(8);
  await load.more(3);
  const dead: RedisServer = await cluster.ownerOf(INTAKE);
  const heir = await cluster.replicaOf(dead);
  await dead.kill();
  await load.during(until(async () => (await heir.admin.info("replication")).includes("role:master")));
  await load.more(3);
  await load.stop();
  expect((await cluster.ownerOf(INTAKE)).port).toBe(heir.port);
  await expectAllRight(fleet, load.acknowledged);
});

test("while all servers are away each process tries again a few times a second, and no more", async ({ skip }) => {
  if (programs === null) return skip(NO_PROGRAM);
  const fleet = await fleetOn();
  expect(await fleet.send(1, 1)).toBe(0);
  await fleet.settled();
  const ports = cluster.servers.map(({ port }) => port);
  for (const server of cluster.servers) await server.kill();
  let connections = 0;
  const nobody = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => nobody.listen(ports[0], "127.0.0.1", resolve));
  onTestFinished(() => void nobody.close());
  await until(() => connections > 0);
  connections = 0;
  const seconds = 4;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  // Four processes with some connections each. The cluster client's own listening made thousands in a second.
  expect(connections / seconds).toBeLessThan(150);
});
