import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { workerConnection } from "../intake/names.ts";
import { BEAT_KEEP_MS, SILENT_MS } from "../limits.ts";
import { beat, leave, tellDeaths, watchSessions, type SessionWatch } from "./sessions.ts";

/** Sessions are found dead by two looks. How long a session was silent is set in Redis, as if time had passed. */
let redis: Redis;
let tag: string;
let watch: SessionWatch;
const others: Redis[] = [];
beforeEach(async () => {
  redis = new Redis(inject("redisUrl"));
  tag = `{sessions-${randomUUID()}:intake}`;
  watch = watchSessions(redis, tag, "own");
  await beat(redis, tag, "own");
});
afterEach(() => {
  for (const each of [redis, ...others.splice(0)]) each.disconnect();
});

async function connected(session: string): Promise<Redis> {
  const other = new Redis(inject("redisUrl"), { connectionName: workerConnection(session) });
  await other.ping();
  others.push(other);
  return other;
}

async function silentFor(session: string, ms: number): Promise<void> {
  const [seconds] = await redis.time();
  await redis.zadd(`${tag}:beats`, String(Number(seconds) * 1000 - ms), session);
}

/** After these looks the watch goes only by how long a session was silent. */
async function settleIn(): Promise<void> {
  expect(await watch.look()).toEqual([]);
  expect(await watch.look()).toEqual([]);
}

test("a process that starts finds its killed predecessor with its second look, however lately that one was heard of", async () => {
  await beat(redis, tag, "predecessor");
  expect(await watch.look()).toEqual([]);
  expect(await watch.look()).toEqual(["predecessor"]);
  await watch.buried("predecessor");
  expect(await watch.look()).toEqual([]);
});

test("whoever is connected and speaks is alive; whoever falls silent and is gone is dead at the second look", async () => {
  const other = await connected("other");
  await beat(redis, tag, "other");
  await settleIn();
  await silentFor("other", SILENT_MS + 1000);
  expect(await watch.look()).toEqual([]);
  expect(await watch.look()).toEqual([]);
  other.disconnect();
  await new Promise((resolve) => other.once("end", resolve));
  const gone = async (): Promise<boolean> =>
    !String(await redis.client("LIST")).includes(` name=${workerConnection("other")} `);
  while (!(await gone())) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await watch.look()).toEqual([]);
  expect(await watch.look()).toEqual(["other"]);
});

test("whoever is connected and silent for longer than it is believed is dead; one word makes it alive again", async () => {
  await connected("frozen");
  await settleIn();
  await silentFor("frozen", BEAT_KEEP_MS + 1000);
  expect(await watch.look()).toEqual([]);
  await beat(redis, tag, "frozen");
  expect(await watch.look()).toEqual([]);
  await silentFor("frozen", BEAT_KEEP_MS + 1000);
  expect(await watch.look()).toEqual([]);
  expect(await watch.look()).toEqual(["frozen"]);
});

test("whoever stopped in order is nobody to look for, and nobody finds itself", async () => {
  await beat(redis, tag, "stopped");
  await leave(redis, tag, "stopped");
  await silentFor("own", 3_600_000);
  await settleIn();
  expect(await watch.look()).toEqual([]);
});

test("a process whose Redis is its own takes its predecessor over at once, and waits for no look", async () => {
  await beat(redis, tag, "predecessor");
  // No timer comes round: only the looks at the start are left.
  vi.useFakeTimers({ toFake: ["setInterval"] });
  try {
    const taken = await new Promise((resolve, onError) => {
      const takeOver = async (session: string): Promise<void> => resolve(session);
      tellDeaths(redis, tag, "own", { isAlone: true, takeOver, onError });
    });
    expect(taken).toBe("predecessor");
  } finally {
    vi.useRealTimers();
  }
});
