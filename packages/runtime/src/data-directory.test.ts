import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { holdDataDirectory } from "./data-directory.ts";

const newPath = (): string => join(mkdtempSync(join(tmpdir(), "sluice-directory-")), "data");

/** Another process that holds the directory, as a second `sluice up` would. */
async function holder(path: string): Promise<{ pid: number; kill(): Promise<void> }> {
  const program = `
    const { holdDataDirectory } = await import(${JSON.stringify(new URL("./data-directory.ts", import.meta.url).href)});
    await holdDataDirectory(${JSON.stringify(path)}, "sluice up");
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
  await expect(holdDataDirectory(path, "sluice up")).rejects.toThrow(new RegExp(`\`sluice up\`, process ${pid}$`));
});

test("the lock of a killed process counts for nothing", async () => {
  const path = newPath();
  const first = await holder(path);
  await first.kill();
  (await holdDataDirectory(path, "sluice up")).release();
  expect(readdirSync(path)).toEqual([]);
});

test("the lock of an earlier process counts for nothing when its pid was given out again", async () => {
  const path = newPath();
  (await holdDataDirectory(path, "sluice up")).release();
  writeFileSync(
    join(path, "sluice.lock"),
    JSON.stringify({ pid: process.pid, began: "long ago", command: "sluice up" }),
  );
  (await holdDataDirectory(path, "sluice up")).release();
  writeFileSync(join(path, "sluice.lock"), "cut sho");
  const held = await holdDataDirectory(path, "sluice up");
  expect(held.path).toBe(path);
  held.release();
});

/** The lock as a process of another container would have made it, with a pid that lives here by chance. */
function lockOfAnotherPlace(path: string): string {
  mkdirSync(path, { recursive: true });
  const lock = join(path, "sluice.lock");
  writeFileSync(lock, JSON.stringify({ pid: 7, began: "1@boot", command: "sluice up", place: "other pid:[1] boot" }));
  return lock;
}

test("a lock of another container counts for as long as its holder touches it, whatever its pid is here", async () => {
  const path = newPath();
  const lock = lockOfAnotherPlace(path);
  let beats = 0;
  const beating = setInterval(() => utimesSync(lock, new Date(), new Date(1000 * (beats += 1))), 200);
  await expect(holdDataDirectory(path, "sluice up")).rejects.toMatchObject({
    code: "data_directory_taken",
    message: expect.stringContaining("of another container or host (other)"),
  });
  clearInterval(beating);
  const held = await holdDataDirectory(path, "sluice up");
  expect(readFileSync(lock, "utf8")).toContain(`"pid":${process.pid}`);
  held.release();
});

test("a holder whose lock another one has taken is told so, and leaves that one's alone", async () => {
  const path = newPath();
  const lost = Promise.withResolvers<void>();
  const held = await holdDataDirectory(path, "sluice up", lost.resolve);
  const lock = lockOfAnotherPlace(path);
  await lost.promise;
  held.release();
  expect(existsSync(lock)).toBe(true);
});

test("the directory is made for its owner alone", async () => {
  const path = newPath();
  const held = await holdDataDirectory(path, "sluice up");
  expect(statSync(path).mode & 0o777).toBe(0o700);
  held.release();
});

test("a path where no directory can be made is an error that names the variable", async () => {
  await expect(holdDataDirectory("/dev/null/data", "sluice up")).rejects.toThrow(
    expect.objectContaining({ code: "data_directory_unusable", hint: expect.stringContaining("SLUICE_DATA_DIR") }),
  );
});
