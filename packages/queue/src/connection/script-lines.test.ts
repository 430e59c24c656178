import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Redis } from "ioredis";
import { connect, makeRoomAtMaxmemory, run } from "./connection.ts";
import { runIntake } from "../intake/scripts.ts";

const LANE = "{script-lines:crm}";
const INTAKE = "{script-lines:intake}";
const BROKEN_CLOCK = "local function now_micros()\n  return nil + 1\nend";
let redis: Redis;

beforeAll(() => {
  redis = connect(inject("redisUrl"), "worker", () => {}, BROKEN_CLOCK);
});
afterAll(() => redis.disconnect());

test("an error in a script names the file that is broken, and its line", async () => {
  await expect(run(redis, "sluice_hold", LANE, [1, "breaker", ""])).rejects.toThrow(/lua\/clock\.lua:2: .*arithmetic/);
});

test("a script that lacks an argument names the line that wants it, in the message and in the stack", async () => {
  const error = await thrownBy(run(redis, "sluice_note", LANE, []));
  const place = placeIn(error.message);
  expect(place.file).toBe("lua/note.lua");
  expect(lineAt(place)).toMatch(/XADD/);
  expect(error.stack).toContain(`${place.file}:${place.line}`);
});

test("a script of the intake names its own line behind a part that others share", async () => {
  await redis.hset(`${INTAKE}:job`, "name", "webhooks");
  const place = placeIn((await thrownBy(runIntake(redis, "book", [INTAKE, `${INTAKE}:job`]))).message);
  expect(place.file).toBe("intake/lua/book.lua");
  expect(lineAt(place)).toMatch(/^for i = 1, letters/);
});

test("a script that runs at maxmemory too counts the same lines", async () => {
  const before = placeIn((await thrownBy(run(redis, "sluice_settle", LANE, []))).message);
  makeRoomAtMaxmemory(redis, /redis_version:(\S+)/.exec(await redis.info("server"))![1]!);
  expect(placeIn((await thrownBy(run(redis, "sluice_settle", LANE, []))).message)).toEqual(before);
});

type Place = { readonly file: string; readonly line: number };

async function thrownBy(call: Promise<unknown>): Promise<Error> {
  return await call.then(
    () => expect.fail("the script did not fail"),
    (error: Error) => error,
  );
}

function placeIn(message: string): Place {
  const [, file = message, line] = /((?:intake\/)?lua\/\w+\.lua):(\d+)/.exec(message) ?? [];
  return { file, line: Number(line) };
}

function lineAt({ file, line }: Place): string {
  return readFileSync(new URL(`../${file}`, import.meta.url), "utf8").split("\n")[line - 1]!;
}
