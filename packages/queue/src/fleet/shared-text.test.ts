import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { openQueue, type SharedText, type Queue } from "../index.ts";

/** Five processes, as far as Redis can tell, and their shared text. */
let queues: Queue[];
let sharers: SharedText[];
let namespace: string;
let redis: Redis;
beforeEach(async () => {
  namespace = `shared-text-${randomUUID()}`;
  redis = new Redis(inject("redisUrl"));
  queues = await Promise.all(
    Array.from(
      { length: 5 },
      async () =>
        await openQueue({
          redisUrl: inject("redisUrl"),
          kind: "worker",
          destinations: ["crm"],
          dedupeWindowMs: 1000,
          orderingHorizonMs: 1000,
          namespace,
          onError: (error) => console.error(error),
        }),
    ),
  );
  sharers = queues.map((queue) => queue.sharedText("crm", "token", 30_000));
});
afterEach(async () => {
  await Promise.all(queues.map(async (queue) => await queue.close()));
  redis.disconnect();
});

const key = () => `{${namespace}:crm}:cupboard:token`;
/** A maker that counts, and takes its time. */
function maker(keepMs = 60_000) {
  const made: string[] = [];
  const make = async () => {
    const text = `text-${made.length + 1}`;
    made.push(text);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { text, keepMs };
  };
  return { made, make };
}

test("of all who want it at once, one makes it and all get the same", async () => {
  const { made, make } = maker();
  expect(await sharers[0]!.get()).toBeNull();
  const texts = await Promise.all(sharers.map(async (sharedText) => await sharedText.replace(null, make)));
  expect(new Set(texts)).toEqual(new Set(["text-1"]));
  expect(made).toHaveLength(1);
  expect(await sharers[4]!.get()).toBe("text-1");
});

test("what has been replaced already is taken as it is", async () => {
  const { made, make } = maker();
  const first = await sharers[0]!.replace(null, make);
  const second = await Promise.all(sharers.map(async (sharedText) => await sharedText.replace(first, make)));
  expect(new Set(second)).toEqual(new Set(["text-2"]));
  expect(await sharers[1]!.replace(first, make)).toBe("text-2");
  expect(made).toHaveLength(2);
});

test("a maker that fails keeps nothing and leaves no lock behind", async () => {
  const { make } = maker();
  await expect(sharers[0]!.replace(null, async () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await redis.exists(`${key()}:lock`)).toBe(0);
  expect(await sharers[1]!.replace(null, make)).toBe("text-1");
});

test("a process that died while making holds the others up only until its lock ends", async () => {
  const { make } = maker();
  await redis.set(`${key()}:lock`, "dead", "PX", 100);
  expect(await sharers[0]!.replace(null, make)).toBe("text-1");
});

test("one whose lock ended does not take the lock of the next", async () => {
  const slow = sharers[0]!.replace(null, async () => {
    await redis.set(`${key()}:lock`, "next", "PX", 60_000);
    return { text: "late", keepMs: 60_000 };
  });
  await slow;
  expect(await redis.get(`${key()}:lock`)).toBe("next");
});

test("what is kept ends with its time", async () => {
  await sharers[0]!.replace(null, maker(5000).make);
  expect(await redis.pttl(key())).toBeGreaterThan(0);
  expect(await redis.pttl(key())).toBeLessThanOrEqual(5000);
});
