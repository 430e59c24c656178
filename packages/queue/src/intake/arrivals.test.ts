import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { expect, inject, onTestFinished, test } from "vitest";
import { connect, waitUntilReady } from "../connection/connection.ts";
import { ARRIVALS_KNOWN_FOR_MS } from "../limits.ts";
import { openIntakeDoor, type IntakeDoor } from "./door.ts";
import { webhookOf } from "./intake.fixture.ts";

test("a webhook arrives after everything that another door had acknowledged, also when Redis' clock was set forward in between", async () => {
  const tag = `{arrivals-${randomUUID()}:intake}`;
  const redis = await openRedis();
  let steadyMs = 0;
  const [one, other] = [await openDoor(tag, () => steadyMs), await openDoor(tag, () => 0)];
  await one.add(webhookOf(["first"]));
  // The clock goes forward, and the other door hears of it first.
  const ahead = Date.now() * 1000 + 60_000_000;
  await redis.set(`${tag}:arrival`, ahead);
  await other.add(webhookOf(["second"]));
  const { micros } = await other.add(webhookOf(["third"]));
  expect(micros).toBeGreaterThan(ahead);
  steadyMs += ARRIVALS_KNOWN_FOR_MS + 1;
  expect((await one.add(webhookOf(["fourth"]))).micros).toBeGreaterThan(micros);
});

async function openRedis(): Promise<Redis> {
  const redis = connect(inject("redisUrl"), "door", () => {});
  await waitUntilReady(redis);
  onTestFinished(() => redis.disconnect());
  return redis;
}

async function openDoor(tag: string, steadyMs: () => number): Promise<IntakeDoor> {
  const redis = await openRedis();
  const door = await openIntakeDoor({
    tag,
    door: randomUUID(),
    acknowledgement: { redis, confirm: async (_tag, write) => await write() },
    jobsAtOnce: 1,
    assertRoom: () => {},
    onLost: async () => {},
    onError: () => {},
    steadyMs,
  });
  onTestFinished(async () => await door.close());
  return door;
}
