import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assertKeepsKeys } from "@sluice/runtime";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { findRedisPrograms, NO_PROGRAM, until, type RedisPrograms } from "../redis-programs.ts";
import { runCommand } from "../sluice-commands.ts";
import { freePort } from "../sluice-process.ts";
import { expectAllRight, openRedisFleet, type RedisFleet } from "./redis-fleet.fixture.ts";

/** Every way to a Redis that is no cluster: a socket, TLS, a user with the least rights, sentinels. */
let programs: RedisPrograms | null;
beforeAll(async () => {
  programs = await findRedisPrograms();
});
afterAll(async () => await programs?.stop());

async function fleetOn(url: string, more?: string): Promise<RedisFleet> {
  const fleet = await openRedisFleet(url, more);
  onTestFinished(async () => await fleet.close());
  return fleet;
}

/** Some values of some records, there and settled. */
async function flowThrough(fleet: RedisFleet): Promise<void> {
  const load = fleet.load(4);
  await load.more(3);
  await load.stop();
  await expectAllRight(fleet, load.acknowledged);
}

test("over a Unix socket", async ({ skip }) => {
  if (programs === null) return skip(NO_PROGRAM);
  const socket = join(programs.folder, "redis.sock");
  await programs.start({ unixsocket: socket });
  await flowThrough(await fleetOn(`redis+unix://${socket}`));
});

test("over TLS, with a certificate of an authority of one's own and one of the client's; without them nothing begins", async ({
  skip,
}) => {
  if (programs === null) return skip(NO_PROGRAM);
  const folder = programs.folder;
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    openssl(
      "req",
      "-x509",
      ...curve,
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-days",
      "2",
      "-subj",
      "/CN=test authority",
    );
    for (const name of ["server", "client"]) {
      const alternative = ["-addext", "subjectAltName=DNS:redis.test"];
      openssl(
        "req",
        "-x509",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        ...curve,
        ...alternative,
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.pem`,
        "-days",
        "2",
        "-subj",
        `/CN=${name}`,
      );
    }
  } catch {
    return skip("there is no openssl 3 to make certificates with");
  }
  const port = await freePort();
  const started = await programs
    .start({
      "tls-port": String(port),
      "tls-ca-cert-file": join(folder, "ca.pem"),
      "tls-cert-file": join(folder, "server.pem"),
      "tls-key-file": join(folder, "server.key"),
    })
    .catch(() => null);
  if (started === null) return skip("this redis-server was built without TLS");
  const trusting = `rediss://127.0.0.1:${port}/0?ca=${join(folder, "ca.pem")}&servername=redis.test`;
  const whole = `${trusting}&cert=${join(folder, "client.pem")}&key=${join(folder, "client.key")}`;
  await flowThrough(await fleetOn(whole));
  for (const url of [`rediss://127.0.0.1:${port}`, trusting, whole.replace("redis.test", "other.test")]) {
    const { code, output } = await runCommand(["audit"], { ...NO_FILE, SLUICE_REDIS_URL: url });
    expect(code, output).toBe(1);
    expect(output).toMatch(/does not answer/);
  }
});

const NO_FILE = { SLUICE_CONFIG: join(import.meta.dirname, "../../sluice.yaml"), NETSUITE_SECRET: "whsec_c2VjcmV0" };

/** The rules of docs/redis.md, as words for ACL SETUSER. */
function rules(): readonly string[] {
  const page = readFileSync(join(import.meta.dirname, "../../docs/redis.md"), "utf8");
  const block = /^user sluice ([^]*?)^```/m.exec(page)?.[1] ?? "";
  return block.trim().split(/\s+/);
}

test("as a user with the rights that docs/redis.md lists, and no others", async ({ skip }) => {
  if (programs === null) return skip(NO_PROGRAM);
  const server = await programs.start();
  const { admin } = server;
  const words = rules().map((word) => (word.startsWith(">") ? ">pass" : word));
  // The page names what newer servers ask for besides.
  const [setInfo] = (await admin.call("COMMAND", "INFO", "client|setinfo")) as readonly unknown[];
  await admin.call("ACL", "SETUSER", "sluice", ...words, ...(setInfo === null ? [] : ["+client|setinfo"]));
  const fleet = await fleetOn(`redis://sluice:pass@127.0.0.1:${server.port}/0`, "ack: { replicas: 1 }");
  const replica = await programs.start();
  await replica.admin.replicaof("127.0.0.1", String(server.port));
  await flowThrough(fleet);
  for (const command of [
    ["dead", "list"],
    ["types"],
    ["hold", "crm"],
    ["resume", "crm"],
    ["record", "show", "customer", "c-1"],
  ]) {
    const { code, output } = await runCommand(command, fleet.env);
    expect(code, output).toBe(0);
  }
  const refused = (await admin.call("ACL", "LOG")) as readonly unknown[];
  expect(refused).toEqual([]);
  expect(fleet.logged.filter((line) => line.includes("NOPERM"))).toEqual([]);
  const sluice = admin.duplicate({ username: "sluice", password: "pass" });
  onTestFinished(() => sluice.disconnect());
  for (const [command = "", ...args] of [
    ["FLUSHALL"],
    ["KEYS", "*"],
    ["SET", "other", "1"],
    ["CONFIG", "SET", "maxmemory", "1"],
  ]) {
    await expect(sluice.call(command, ...args)).rejects.toThrow("NOPERM");
  }
});

test("behind sentinels, through the death of the primary, under load", async ({ skip }) => {
  if (programs === null) return skip(NO_PROGRAM);
  const started = await Promise.all([programs.start(), programs.start()]);
  const [primary, replica] = started;
  await replica.admin.replicaof("127.0.0.1", String(primary.port));
  await until(async () => (await replica.admin.info("replication")).includes("master_link_status:up"));
  const sentinels = await Promise.all(
    [1, 2, 3].map(
      async () =>
        await programs!.startSentinel([
          `sentinel monitor main 127.0.0.1 ${primary.port} 2`,
          "sentinel down-after-milliseconds main 2000",
          "sentinel failover-timeout main 5000",
        ]),
    ),
  );
  await until(async () => {
    const known = await Promise.all(sentinels.map(async ({ admin }) => await admin.call("SENTINEL", "master", "main")));
    return known.every((facts) => {
      const flat = facts as string[];
      const fact = (name: string): string | undefined => flat[flat.indexOf(name) + 1];
      return fact("num-other-sentinels") === "2" && fact("num-slaves") === "1";
    });
  });
  const places = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",");
  const fleet = await fleetOn(`redis+sentinel://${places}/main/0`);
  const load = fleet.load(6);
  await load.more(3);
  // Acknowledged by the primary alone is lost with it: nothing more is, and the replica has all before it dies.
  await primary.admin.client("PAUSE", 600_000, "WRITE");
  await until(async () => {
    const [has, lacksNothing] = await Promise.all([primary, replica].map(async ({ admin }) => await offsetOf(admin)));
    return has === lacksNothing;
  });
  await primary.kill();
  await load.more(3);
  await load.stop();
  expect(load.refused()).toBeGreaterThan(0);
  expect((await replica.admin.info("replication")).includes("role:master")).toBe(true);
  await expectAllRight(fleet, load.acknowledged);
});

test("a start goes on as soon as one of the named servers of a cluster answers", async ({ skip }) => {
  if (programs === null) return skip(NO_PROGRAM);
  const { port } = await programs.start({ "cluster-enabled": "yes" });
  // The server that is down is asked for an hour, were it waited for.
  await assertKeepsKeys(`redis+cluster://127.0.0.1:1,127.0.0.1:${port}`, 3_600_000);
});

/** How far a server's stream of writes has come. */
async function offsetOf(redis: Redis): Promise<string | undefined> {
  const info = await redis.info("replication");
  return /^role:slave/m.test(info)
    ? /^slave_repl_offset:(\d+)/m.exec(info)?.[1]
    : /^master_repl_offset:(\d+)/m.exec(info)?.[1];
}
