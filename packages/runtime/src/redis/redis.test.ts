import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLog } from "../log.ts";
import { onPath } from "./command.ts";
import { assertKeepsKeys } from "./fitness.ts";
import { inquire, inquirePatiently } from "./inquiry.ts";
import { installProgram } from "./install.ts";
import { readServerVersion } from "./program.ts";
import { findRedis, startRedis, type RunningRedis } from "./redis.ts";

const log = createLog({ role: "test", level: "silent" });

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "sluice-redis-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function start(dataDir: string, env: Record<string, string | undefined> = process.env): Promise<RunningRedis> {
  const redis = await startRedis({ dataDir, env, log });
  onTestFinished(() => redis.stop());
  return redis;
}

const setting = (url: string, name: string): Promise<unknown> =>
  inquire(url, async (redis) => (await redis.config("GET", name))[1]);
const set = (url: string, key: string, value: string): Promise<unknown> =>
  inquire(url, (redis) => redis.set(key, value));
const get = (url: string, key: string): Promise<string | null> => inquire(url, (redis) => redis.get(key));
const pidOf = (url: string): Promise<number> =>
  inquire(url, async (redis) => Number(/process_id:(\d+)/.exec(await redis.info("server"))?.[1]));

test("the private server writes to the disk before it answers, evicts nothing and is for its owner alone", async () => {
  const dataDir = newDirectory();
  const { url, embedded } = await start(dataDir);
  expect(embedded).toBe(true);
  const names = ["appendonly", "appendfsync", "save", "maxmemory-policy", "bind"];
  expect(await Promise.all(names.map((name) => setting(url, name)))).toEqual([
    "yes",
    "always",
    "",
    "noeviction",
    "127.0.0.1",
  ]);
  await expect(inquire(url.replace(/:[^:@]*@/, "wrong:wrong@"), (redis) => redis.ping())).rejects.toThrow(/WRONGPASS/);
  for (const file of ["redis.conf", "endpoint.json"]) {
    expect(statSync(join(dataDir, "redis", file)).mode & 0o777, file).toBe(0o600);
  }
});

test("stopped with Sluice, its data is there again after the next start", async () => {
  const dataDir = newDirectory();
  const first = await start(dataDir);
  await set(first.url, "kept", "yes");
  await first.stop();
  expect(await findRedis(dataDir)).toBeUndefined();
  const second = await start(dataDir);
  expect(second.url).not.toBe(first.url);
  expect(await get(second.url, "kept")).toBe("yes");
  expect(await findRedis(dataDir)).toBe(second.url);
});

test("a server that a killed Sluice left behind is replaced, with its data, and no other is touched", async () => {
  const dataDir = newDirectory();
  const other = await start(newDirectory());
  const program = `
    const { createLog, startRedis } = await import(${JSON.stringify(new URL("../index.ts", import.meta.url).href)});
    const log = createLog({ role: "test", level: "silent" });
    await startRedis({ dataDir: ${JSON.stringify(dataDir)}, env: process.env, log });
    process.kill(process.pid, "SIGKILL");`;
  const killed = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "ignore" });
  await once(killed, "exit");
  const left = (await findRedis(dataDir)) ?? "";
  await set(left, "kept", "yes");
  const orphan = await pidOf(left);

  const { url } = await start(dataDir);
  expect(await get(url, "kept")).toBe("yes");
  expect(await pidOf(url)).not.toBe(orphan);
  await expect(inquire(left, (redis) => redis.ping())).rejects.toThrow();
  expect(await inquire(other.url, (redis) => redis.ping())).toBe("PONG");
});

test("a copied data directory does not lead to the original's server", async () => {
  const dataDir = newDirectory();
  const copy = newDirectory();
  const original = await start(dataDir);
  execFileSync("cp", ["-r", join(dataDir, "redis"), copy]);
  const started = await start(copy);
  expect(started.url).not.toBe(original.url);
  expect(await inquire(original.url, (redis) => redis.ping())).toBe("PONG");
});

test("a server that dies by itself comes back at the same address with its data", async () => {
  const { url } = await start(newDirectory());
  await set(url, "kept", "yes");
  const pid = await pidOf(url);
  process.kill(pid, "SIGKILL");
  const [value, next] = await inquirePatiently(url, 10_000, async (redis) => {
    const info = await redis.info("server");
    if (info.includes(`process_id:${pid}\r`)) throw new Error("still the old one");
    return [await redis.get("kept"), Number(/process_id:(\d+)/.exec(info)?.[1])] as const;
  });
  expect(value).toBe("yes");
  expect(next).not.toBe(pid);
});

test("a Redis that evicts is refused with the fix, one that is told not to is taken and left running", async () => {
  const { url } = await start(newDirectory());
  await inquire(url, (redis) => redis.config("SET", "maxmemory-policy", "allkeys-lru"));
  const refused = startRedis({ url, dataDir: newDirectory(), env: {}, log });
  await expect(refused).rejects.toMatchObject({ code: "redis_evicts", hint: expect.stringContaining("noeviction") });
  await expect(refused).rejects.not.toThrow(/:[0-9a-f]{64}@/);

  await inquire(url, (redis) => redis.config("SET", "maxmemory-policy", "noeviction"));
  const taken = await startRedis({ url, dataDir: newDirectory(), env: {}, log });
  expect(taken.embedded).toBe(false);
  await taken.stop();
  expect(await inquire(url, (redis) => redis.ping())).toBe("PONG");
});

test("where CONFIG is forbidden, INFO tells the eviction policy", async () => {
  const { url } = await start(newDirectory());
  await inquire(url, (redis) => redis.acl("SETUSER", "guest", "on", ">guest", "~*", "+@all", "-config"));
  const guest = url.replace(/\/\/[^@]*@/, "//guest:guest@");
  await expect(inquire(guest, (redis) => redis.config("GET", "maxmemory-policy"))).rejects.toThrow(/NOPERM/);
  await assertKeepsKeys(guest);
  await inquire(url, (redis) => redis.config("SET", "maxmemory-policy", "volatile-ttl"));
  await expect(assertKeepsKeys(guest)).rejects.toMatchObject({ code: "redis_evicts" });
});

test("a Redis that does not answer in time is an error, whether nobody listens or somebody never speaks", async () => {
  await expect(assertKeepsKeys("redis://127.0.0.1:1", 50)).rejects.toMatchObject({
    code: "redis_unreachable",
    cause: { message: expect.stringContaining("ECONNREFUSED") },
  });
  const sockets: Socket[] = [];
  const mute = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  await once(mute, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    mute.close();
  });
  const address = mute.address();
  const port = typeof address === "object" ? address?.port : undefined;
  await expect(assertKeepsKeys(`redis://127.0.0.1:${port}`, 50)).rejects.toMatchObject({ code: "redis_unreachable" });
});

test("without any way to a Redis, the error names every way out", async () => {
  const starting = startRedis({ dataDir: newDirectory(), env: { PATH: "/nowhere", SLUICE_NO_INSTALL: "1" }, log });
  await expect(starting).rejects.toMatchObject({ code: "redis_missing" });
  const error = await starting.catch((reason: Error & { hint: string }) => `${reason.message}\n${reason.hint}`);
  for (const way of [
    "redis-server",
    "valkey-server",
    "Docker",
    "SLUICE_NO_INSTALL",
    "apt-get",
    "brew",
    "SLUICE_REDIS_URL",
  ]) {
    expect(error).toContain(way);
  }
});

/** A folder with programs that note how they were called. */
function programs(scripts: Record<string, string>): { path: string; calls(): string } {
  const folder = newDirectory();
  mkdirSync(join(folder, "bin"));
  const calls = join(folder, "calls");
  for (const [name, script] of Object.entries(scripts)) {
    const file = join(folder, "bin", name);
    writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> ${calls}\n${script}\n`);
    chmodSync(file, 0o755);
  }
  return { path: join(folder, "bin"), calls: () => (existsSync(calls) ? readFileSync(calls, "utf8") : "") };
}

// The program goes by the name that it is called with: Debian's package has it as redis-check-rdb alone.
const OWN_SERVER =
  ["redis-server", "valkey-server", "redis-check-rdb"]
    .map((name) => onPath(name, process.env))
    .find((path) => path !== undefined) ?? "";

test("a server that is too old is passed over", async () => {
  const { path } = programs({ "redis-server": `echo "Redis server v=5.0.7 sha=00000000:0"` });
  const starting = startRedis({ dataDir: newDirectory(), env: { PATH: path, SLUICE_NO_INSTALL: "1" }, log });
  await expect(starting).rejects.toMatchObject({ code: "redis_missing" });
});

const NO_SERVER =
  "this machine has no Redis server of its own, which takes the place of one that is installed or in a container";
const ROOT_ONLY = "apt-get is tried as root alone";

// Other users than root are asked for a password-less sudo, which stands in their way here.
test("apt-get installs the package without a service, renewing its lists only when they are needed", async ({
  skip,
}) => {
  skip(process.getuid?.() !== 0, ROOT_ONLY);
  skip(OWN_SERVER === "", NO_SERVER);
  const folder = newDirectory();
  // The first attempt finds no package; after an update the second brings the server, under the name that the package gives it.
  const { path, calls } = programs({
    "apt-get": `
      case "$*" in
        *update) : > ${folder}/updated ;;
        *) [ -e ${folder}/updated ] || { echo "E: Unable to locate package" >&2; exit 100; }
           /bin/ln -sf ${OWN_SERVER} "$(/usr/bin/dirname "$0")/redis-check-rdb" ;;
      esac`,
  });
  const lines: string[] = [];
  const heard = createLog({ role: "test", level: "warn", to: { write: (line: string) => lines.push(line) } });
  const installed = await installProgram({ PATH: path }, heard, []);
  expect(installed).toMatchObject({ path: join(path, "redis-check-rdb"), argv0: "redis-server" });
  const redis = await startRedis({ dataDir: newDirectory(), env: { PATH: path }, log: heard });
  onTestFinished(() => redis.stop());
  expect(await inquire(redis.url, (client) => client.ping())).toBe("PONG");
  expect(calls()).toMatch(
    /^apt-get .*install -y --no-install-recommends redis-tools\napt-get .*update\napt-get .*redis-tools\n$/,
  );
  expect(lines.join("")).toContain("SLUICE_NO_INSTALL=1 forbids it");
  expect(lines).toHaveLength(1);
});

test("a package that is installed already serves, though its folder is not on the PATH, and nobody asks its manager", async ({
  skip,
}) => {
  skip(process.getuid?.() !== 0, ROOT_ONLY);
  skip(!OWN_SERVER.startsWith("/usr/bin/"), NO_SERVER);
  const { path, calls } = programs({ "apt-get": "exit 1" });
  const redis = await startRedis({ dataDir: newDirectory(), env: { PATH: path }, log });
  onTestFinished(() => redis.stop());
  expect(await inquire(redis.url, (client) => client.ping())).toBe("PONG");
  expect(calls()).toBe("");
});

test("with a Docker engine, the container publishes on loopback alone and is removed with Sluice", async ({ skip }) => {
  skip(OWN_SERVER === "", NO_SERVER);
  // This program takes the engine's place: `run` starts the server itself, as the container's port would show it.
  const folder = newDirectory();
  const { path, calls } = programs({
    docker: `
      case "$1" in
        info) echo "29.0.0 [name=seccomp]" ;;
        image) [ "$3" = redis:7-alpine ] ;;
        run)
          for word in "$@"; do case "$word" in 127.0.0.1:*:6379) port=\${word#127.0.0.1:} ;; *:/data) data=\${word%:/data} ;; esac; done
          /bin/sed "s#/data#$data#; s#^port .*#port \${port%:6379}#; s#^daemonize.*#daemonize yes#" $data/redis.conf > ${folder}/conf
          /bin/ln -sf ${OWN_SERVER} ${folder}/redis-server && cd $data && ${folder}/redis-server ${folder}/conf ;;
        stop) [ -e ${folder}/conf ] && kill $(/bin/cat $(/bin/sed -n 's/^pidfile "\\(.*\\)"/\\1/p' ${folder}/conf)) ;;
      esac`,
  });
  const dataDir = newDirectory();
  const redis = await startRedis({ dataDir, env: { PATH: path, SLUICE_NO_INSTALL: "1" }, log });
  expect(redis.program).toMatch(/^redis:7-alpine in the container sluice-redis-[0-9a-f]{12}$/);
  expect(await setting(redis.url, "appendfsync")).toBe("always");
  expect(calls()).toMatch(
    /docker run --detach --name sluice-redis-\S+ .*--publish 127\.0\.0\.1:\d+:6379 .*redis:7-alpine \/data\/redis\.conf/,
  );
  await redis.stop();
  expect(calls().trim().split("\n").at(-1)).toMatch(/^docker rm --force sluice-redis-/);
  expect(await findRedis(dataDir)).toBeUndefined();
});

test("versions are read from what servers print, and nothing is taken from the checking tool", () => {
  expect(readServerVersion("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64")).toEqual([7, 0, 15]);
  expect(readServerVersion("Valkey server v=8.1.3 sha=00000000:0")).toEqual([8, 1, 3]);
  expect(readServerVersion("Usage: redis-check-rdb <rdb-file-name>")).toBeUndefined();
});

test.each(["http://127.0.0.1:6379", "redis+sentinal://127.0.0.1/main", "127.0.0.1:6379"])(
  "%s names no Redis, and is refused before anything is asked or started",
  async (url) => {
    const starting = startRedis({ url, dataDir: newDirectory(), env: { PATH: "/nowhere" }, log });
    await expect(starting).rejects.toMatchObject({
      code: "redis_url_invalid",
      hint: expect.stringContaining("redis+sentinel://"),
    });
  },
);
