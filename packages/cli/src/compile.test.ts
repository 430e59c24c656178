import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

test("what an image has compiled is all that a process needs which can't write", () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-compiled-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const cache = join(folder, "cache");
  const run = (words: readonly string[], more: Readonly<Record<string, string>> = {}): string => {
    const env = { PATH: process.env["PATH"], SLUICE_RECORDS_TOKEN: "t", NODE_COMPILE_CACHE: cache, ...more };
    // A file takes everything: of a pipe that is full Node.js leaves out what it tells.
    const path = join(folder, "told");
    const told = openSync(path, "w");
    const { status } = spawnSync(process.execPath, words, { cwd: ROOT, env, stdio: ["ignore", told, told] });
    closeSync(told);
    const text = readFileSync(path, "utf8");
    expect(status, text).toBe(0);
    return text;
  };
  run(["packages/cli/compile.mjs"]);
  chmodSync(cache, 0o500);
  const told = run(["packages/cli/sluice.mjs", "config", "check"], { NODE_DEBUG_NATIVE: "COMPILE_CACHE" });
  // Counted, not read line by line: a thread that the process starts tells of its own files in the middle of another's line.
  const looked = told.split("[compile cache] reading cache from ").length - 1;
  expect(looked).toBeGreaterThan(100);
  expect(told.split(" success, size=").length - 1, told).toBe(looked);
});
