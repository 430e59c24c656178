import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { CONFIGURATION, signed } from "../fleet.ts";
import { runCommand } from "../sluice-commands.ts";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";

/** Sluice as its users run it, whose private Redis finds less in its folder than it left there. */
const running: SluiceProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), "sluice-cut-"));
afterEach(async () => {
  // SIGKILL would leave its Redis to the next start, and there is none.
  await Promise.all(running.splice(0).map(async (each) => await each.end("SIGTERM")));
  rmSync(folder, { recursive: true, force: true });
});

test("a start on a file that was cut says so, counts it, and says what is missing until somebody has looked", async () => {
  const ports = { ingress: await freePort(), worker: await freePort(), records: await freePort() };
  const config = join(folder, "sluice.yaml");
  writeFileSync(config, CONFIGURATION);
  const env = {
    SLUICE_CONFIG: config,
    SLUICE_DATA_DIR: join(folder, "data"),
    SLUICE_INGRESS_PORT: String(ports.ingress),
    SLUICE_WORKER_PORT: String(ports.worker),
    SLUICE_RECORDS_PORT: String(ports.records),
    RECORDS_URL: `http://127.0.0.1:${ports.records}`,
    SLUICE_RECORDS_TOKEN: "cut-test-token",
    SLUICE_LOG: "warn",
  };
  const start = async (): Promise<SluiceProcess> => {
    const up = startSluice(["up"], env);
    running.push(up);
    await up.ready(ports.ingress);
    // The door answers before the output about the start is complete.
    await expect.poll(() => up.output()).toContain("Sluice is ready");
    return up;
  };
  const text = async (url: string): Promise<string> => await (await fetch(url)).text();

  const first = await start();
  for (let id = 0; id < 60; id += 1) {
    const data = { id, name: `Customer ${id}`, version: 1, tier: "gold" };
    const request = signed(`e-${id}`, JSON.stringify({ type: "customer.updated", data }));
    const { prefer: _, ...headers } = request.headers;
    expect((await fetch(`http://127.0.0.1:${ports.ingress}/webhooks/erp`, { ...request, headers })).status).toBe(202);
  }
  expect(await text(`http://127.0.0.1:${ports.ingress}/readyz`)).toContain("no older than what was known of it");
  expect(await text(`http://127.0.0.1:${ports.ingress}/metrics`)).toMatch(/^sluice_redis_file_shortened_total 0$/m);
  await first.end("SIGTERM");

  const redis = join(folder, "data", "redis");
  const [file] = readdirSync(redis, { recursive: true, encoding: "utf8" }).filter((name) =>
    /appendonly.*\.aof(\.\d+\.incr\.aof)?$/.test(name),
  );
  truncateSync(join(redis, file!), Math.floor(statSync(join(redis, file!)).size / 2) + 1);

  const second = await start();
  expect(second.output()).toMatch(/began with less of its append-only file than there was/);
  expect(second.output()).toMatch(/went back to an earlier one/);
  expect(second.output().indexOf("went back")).toBeLessThan(second.output().indexOf("Sluice is ready"));
  for (const port of [ports.ingress, ports.worker]) {
    expect(await text(`http://127.0.0.1:${port}/readyz`)).toMatch(/went back to an earlier one.*compare them/);
  }
  expect(await text(`http://127.0.0.1:${ports.ingress}/metrics`)).toMatch(/^sluice_redis_file_shortened_total 1$/m);
  expect(await text(`http://127.0.0.1:${ports.worker}/metrics`)).toMatch(/^sluice_state_went_back 1$/m);

  const audit = await runCommand(["audit"], env);
  expect(audit.code).toBe(1);
  expect(audit.output).toMatch(/Attention: .*went back to an earlier one/);
});
