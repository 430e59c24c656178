import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, inject, onTestFinished, test } from "vitest";
import { until } from "../redis-programs.ts";
import { freePort } from "../sluice-process.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

test("a signal that ends npx, pnpm and their shell, and goes no further, ends Sluice too: no orphan is left", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-signals-"));
  const config = join(folder, "sluice.yaml");
  writeFileSync(config, "sources: {}\ndrain_delay: 0s\n");
  const port = await freePort();
  const env = {
    ...process.env,
    SLUICE_CONFIG: config,
    SLUICE_DATA_DIR: folder,
    SLUICE_REDIS_URL: inject("redisUrl"),
    SLUICE_INGRESS_PORT: String(port),
    npm_lifecycle_event: "sluice",
  };
  // The shell stands where npm's and pnpm's do: between them and Sluice, which it does not become.
  const line = `"${process.execPath}" packages/cli/sluice.mjs ingress & echo "pid $!"; wait`;
  const shell = spawn("sh", ["-c", line], { cwd: ROOT, env, stdio: ["ignore", "pipe", "ignore"] });
  let said = "";
  shell.stdout.on("data", (chunk: Buffer) => (said += String(chunk)));
  const sluice = (): number => Number(/^pid (\d+)$/m.exec(said)?.[1]);
  onTestFinished(() => {
    if (isThere(sluice())) process.kill(sluice(), "SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok, 300_000);
  expect(isThere(sluice())).toBe(true);
  shell.kill("SIGTERM");
  await once(shell, "exit");
  await until(() => !isThere(sluice()));
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("`sluice` is an executable of the installed tree, and is the process that gets the signals", ({ skip }) => {
  const executable = join(ROOT, "node_modules/.bin/sluice");
  skip(!existsSync(executable), "the tree is not installed by pnpm");
  const { status, stdout } = spawnSync(executable, ["--help"], { encoding: "utf8" });
  expect(status).toBe(0);
  expect(stdout).toContain("Usage: sluice");
  // A shell that waits for its child would get the signal in its place.
  expect(readFileSync(executable, "utf8")).toMatch(/^\s*exec /m);
});

test("systemd reads the unit without a complaint", ({ skip }) => {
  skip(spawnSync("systemd-analyze", ["--version"]).status !== 0, "systemd-analyze is not there: the unit was not read");
  const folder = mkdtempSync(join(tmpdir(), "sluice-unit-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const unit = readFileSync(join(ROOT, "infra/systemd/sluice@.service"), "utf8");
  const file = join(folder, "sluice@ingress.service");
  // The programs that it starts are where the tree stands, which is not here.
  writeFileSync(file, unit.replaceAll(/\/opt\/sluice\/node_modules\/\.bin\/node/g, process.execPath));
  const { stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
  const complaints = `${stdout}${stderr}`.split("\n").filter((line) => line.includes("sluice@"));
  expect(complaints).toEqual([]);
});
