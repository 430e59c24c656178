import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, expect, test } from "vitest";
import { startIngress } from "@sluice/ingress";
import { createLog, findRedisProgram, loadConfiguration, systemClock } from "@sluice/runtime";
import { startWorker } from "@sluice/worker";
import { CONFIGURATION, signed } from "../fleet.ts";
import { freePort } from "../sluice-process.ts";
import { openTestDestination } from "../test-destination.ts";
import { until } from "../until.ts";

/** A Redis whose disk takes 1.9 s for a sync: a library that is loaded before the system's own stands in for it. */
const folder = mkdtempSync(join(tmpdir(), "sluice-slow-"));
const SLOW_SYNC = `
#include <unistd.h>
#include <sys/syscall.h>
int fdatasync(int fd) { usleep(1900000); return syscall(SYS_fdatasync, fd); }
`;
const hasCompiler = spawnSync("cc", ["--version"]).status === 0;
const program = await findRedisProgram(process.env);
const closing: (() => Promise<unknown> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

test.skipIf(!hasCompiler || program === undefined || process.platform !== "linux")(
  "with `appendfsync everysec` and a slow disk it is told that Redis acknowledges what its file does not have; doors add again what its end takes away",
  async () => {
    writeFileSync(join(folder, "slow.c"), SLOW_SYNC);
    execFileSync("cc", ["-shared", "-fPIC", "-o", join(folder, "slow.so"), join(folder, "slow.c")]);
    const port = await freePort();
    const settings = [
      "--appendonly",
      "yes",
      "--appendfsync",
      "everysec",
      "--save",
      "",
      "--maxmemory-policy",
      "noeviction",
    ];
    const startServer = (): ChildProcess =>
      spawn(program!.path, ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, ...settings], {
        argv0: program!.argv0,
        env: { PATH: process.env["PATH"], LC_ALL: "C", LD_PRELOAD: join(folder, "slow.so") },
        stdio: "ignore",
      });
    let server = startServer();
    closing.push(() => void server.kill("SIGKILL"));
    const redis = new Redis(port, "127.0.0.1", { maxRetriesPerRequest: null });
    redis.on("error", () => {});
    closing.push(() => redis.disconnect());
    await redis.ping();

    const destination = await openTestDestination();
    closing.push(() => destination.close());
    const path = join(folder, "sluice.yaml");
    writeFileSync(
      path,
      CONFIGURATION.replace(/^ +concurrency: 4$/m, "$&\n    timeout: 1s\n    settle_after_silence: 2s"),
    );
    const configuration = await loadConfiguration({
      path,
      env: { SLUICE_RECORDS_TOKEN: "t", RECORDS_URL: destination.url },
    });
    const lines: string[] = [];
    const log = createLog({ role: "test", level: "warn", to: { write: (line) => void lines.push(line) } });
    const role = { configuration, redisUrl: `redis://127.0.0.1:${port}/0`, port: 0, clock: systemClock, log };
    const door = await startIngress(role);
    const worker = await startWorker(role);
    closing.push(async () => await Promise.all([door.close(0), worker.close(0)]));

    let acknowledged = 0;
    const stop = new AbortController();
    const sending = (async () => {
      for (let id = 0; !stop.signal.aborted; id += 1) {
        const data = { id, name: `Customer ${id}`, version: 1, tier: "gold" };
        const request = signed(`e-${id}`, JSON.stringify({ type: "customer.updated", data }));
        const { prefer: _, ...headers } = request.headers;
        const response = await fetch(`${door.url}/webhooks/erp`, { ...request, headers });
        await response.arrayBuffer();
        if (response.status !== 202) break;
        acknowledged += 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await until(() => lines.some((line) => line.includes('"redis_sync_slow"')));
    await until(async () => {
      const metrics = await (await fetch(`${door.url}/metrics`)).text();
      return Number(/^sluice_redis_unwritten_bytes (\d+)$/m.exec(metrics)?.[1]) > 0;
    });
    // The unwritten end of the file is gone with the process, and senders have heard 202 for it. Redis has just begun to put it off: on a
    // busy machine it might write an older one before the kill comes.
    let before = Number.POSITIVE_INFINITY;
    await until(async () => {
      const unwritten = Number(/^aof_buffer_length:(\d+)/m.exec(await redis.info("persistence"))?.[1]);
      const hasBegun = unwritten > 2000 && (before <= 2000 || unwritten < before);
      before = unwritten;
      return hasBegun;
    });
    server.kill("SIGKILL");
    stop.abort();
    await Promise.all([sending, once(server, "exit")]);
    server = startServer();
    await until(() => destination.shown().size >= acknowledged);
    expect(lines.filter((line) => line.includes('"redis_sync_slow"')).length).toBeLessThan(4);
    await until(() => lines.some((line) => line.includes('"state_went_back"')));
    await until(async () => {
      const ready = await (await fetch(`${door.url}/readyz`)).text();
      return /doors added \d+ webhooks again/.test(ready);
    });
  },
);
