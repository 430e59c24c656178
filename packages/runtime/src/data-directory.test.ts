import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { holdDataDirectory } from "./data-directory.ts";

const newPath = (): string => join(mkdtempSync(join(tmpdir(), "sluice-directory-")), "data");

/** Another process that holds the directory, as a second `sluice up` would. */
async function holder(path: string): Promise<{ pid: number; kill(): Promise<void> }> {
  const program = `
    const { holdDataDirectory } = await import(${JSON.stringify(new URL("./data-directory.ts", import.meta.url).href)});
    holdDataDirectory(${JSON.stringify(path)}, "sluice up");
    console.log("held");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return {
    pid: child.pid ?? 0,
    async kill() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

test("a second Sluice on the same directory is told which process holds it", async () => {
  const path = newPath();
  const { pid } = await holder(path);
  expect(() => holdDataDirectory(path, "sluice up")).toThrow(new RegExp(`\`sluice up\`, process ${pid}$`));
});

test("the lock of a killed process counts for nothing", async () => {
  const path = newPath();
  const first = await holder(path);
  await first.kill();
  const held = holdDataDirectory(path, "sluice up");
  held.release();
  expect(readdirSync(path)).toEqual([]);
});

test("the lock of an earlier process counts for nothing when its pid was given out again", () => {
  const path = newPath();
  holdDataDirectory(path, "sluice up").release();
  writeFileSync(
    join(path, "sluice.lock"),
    JSON.stringify({ pid: process.pid, began: "long ago", command: "sluice up" }),
  );
  holdDataDirectory(path, "sluice up").release();
  writeFileSync(join(path, "sluice.lock"), "cut sho");
  expect(holdDataDirectory(path, "sluice up").path).toBe(path);
});

test("the directory is made for its owner alone", () => {
  const path = newPath();
  holdDataDirectory(path, "sluice up");
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test("a path where no directory can be made is an error that names the variable", () => {
  expect(() => holdDataDirectory("/dev/null/data", "sluice up")).toThrow(
    expect.objectContaining({ code: "data_directory_unusable", hint: expect.stringContaining("SLUICE_DATA_DIR") }),
  );
});
