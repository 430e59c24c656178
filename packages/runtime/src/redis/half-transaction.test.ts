import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createLog } from "../log.ts";
import { cutBeforeStart, cutHalfTransaction } from "./half-transaction.ts";
import { inquire } from "./inquiry.ts";
import { startRedis, type RunningRedis } from "./redis.ts";

const FILE = "appendonly.aof.2.incr.aof";
const MANIFEST = `file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\nfile ${FILE} seq 2 type i\n`;

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "sluice-half-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function command(...all: readonly string[]): string {
  return `*${all.length}\r\n${all.map((each) => `$${Buffer.byteLength(each)}\r\n${each}\r\n`).join("")}`;
}

/** A directory whose last file has this content. */
function directoryOf(content: Buffer): string {
  const directory = newDirectory();
  mkdirSync(join(directory, "appendonlydir"));
  writeFileSync(join(directory, "appendonlydir", "appendonly.aof.manifest"), MANIFEST);
  writeFileSync(join(directory, "appendonlydir", FILE), content);
  return directory;
}

const contentOf = (directory: string): Buffer => readFileSync(join(directory, "appendonlydir", FILE));

test("wherever a file ends, it is kept up to its last whole command outside of a transaction", async () => {
  // Values that look like the file's own signs are none.
  const whole = [
    command("SELECT", "0"),
    "#TS:1796000000\r\n",
    command("SET", "key", "*1\r\n$5\r\nMULTI\r\n"),
    command("MULTI") + command("HINCRBY", "books", "a", "1") + command("SET", "ü", "") + command("EXEC"),
    command("MULTI") + "#TS:1796000001\r\n" + command("SET", "exec", "EXEC") + command("EXEC"),
    command("INCR", "multi"),
  ];
  const ends = whole.reduce<number[]>((all, each) => [...all, all.at(-1)! + Buffer.byteLength(each)], [0]);
  const content = Buffer.from(whole.join(""));
  const directory = directoryOf(content);
  for (let bytes = 0; bytes <= content.length; bytes += 1) {
    writeFileSync(join(directory, "appendonlydir", FILE), content.subarray(0, bytes));
    const keptBytes = ends.findLast((end) => end <= bytes)!;
    expect(await cutHalfTransaction(directory), `of ${bytes}`).toEqual(
      keptBytes === bytes ? null : { file: FILE, keptBytes },
    );
    expect(contentOf(directory).length).toBe(keptBytes);
    expect(await cutHalfTransaction(directory)).toBeNull();
  }
});

test("a large value goes through in pieces, and the half of one is cut off", async () => {
  const large = command("SET", "key", "x".repeat(3 * 1024 * 1024 + 7));
  const directory = directoryOf(Buffer.from(large + large));
  expect(await cutHalfTransaction(directory)).toBeNull();
  truncateSync(join(directory, "appendonlydir", FILE), 2 * large.length - 1);
  expect(await cutHalfTransaction(directory)).toEqual({ file: FILE, keptBytes: large.length });
});

test.each([
  ["a file that is no list of commands", "REDIS0010 and so on"],
  ["a damaged file", `${command("SET", "a", "1")}*1\r\n+oh\r\n`],
])("%s is left for the server to judge", async (_what, content) => {
  const directory = directoryOf(Buffer.from(content));
  expect(await cutHalfTransaction(directory)).toBeNull();
  expect(contentOf(directory).toString()).toBe(content);
});

test("where there is no file, nothing is cut off", async () => {
  expect(await cutHalfTransaction(newDirectory())).toBeNull();
});

test("no half of a script is ever carried out, also by the start after the one that found the file cut", async ({
  skip,
}) => {
  const dataDir = newDirectory();
  const log = createLog({ role: "test", level: "silent" });
  const start = async (): Promise<RunningRedis> => {
    const redis = await startRedis({ dataDir, env: process.env, log });
    onTestFinished(() => redis.stop());
    return redis;
  };
  const add = async ({ url }: RunningRedis, key: string): Promise<unknown> =>
    await inquire(url, (redis) =>
      redis.eval("redis.call('INCR', KEYS[1] .. 1) return redis.call('INCR', KEYS[1] .. 2)", 1, key),
    );
  const first = await start();
  await add(first, "before");
  await add(first, "cut");
  await first.stop();
  const folder = join(dataDir, "redis", "appendonlydir");
  let file: string | undefined;
  try {
    file = readdirSync(folder).find((name) => name.endsWith(".incr.aof"));
  } catch {
    skip("this Redis has no directory of append-only files");
  }
  const path = join(folder, file!);
  truncateSync(path, statSync(path).size - command("EXEC").length - 5);

  const second = await start();
  expect(second.fileShortened()).toBe(1);
  await add(second, "after");
  await second.stop();
  const third = await start();
  expect(third.fileShortened()).toBe(0);
  const values = await inquire(third.url, (redis) =>
    redis.mget("before1", "before2", "cut1", "cut2", "after1", "after2"),
  );
  expect(values).toEqual(["1", "1", null, null, "1", "1"]);
});

test("a file that can't be read is left for the server to judge, and told", async () => {
  const directory = newDirectory();
  mkdirSync(join(directory, "appendonlydir", FILE), { recursive: true });
  writeFileSync(join(directory, "appendonlydir", "appendonly.aof.manifest"), MANIFEST);
  const log = createLog({ role: "test", level: "silent" });
  const warn = vi.spyOn(log, "warn");
  expect(await cutBeforeStart(directory, log)).toBeNull();
  expect(warn).toHaveBeenCalledTimes(1);
});
