import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { expect, inject, onTestFinished, test } from "vitest";
import { connect, waitUntilReady } from "../connection/connection.ts";
import { createSessions, PLACES } from "./deaths.ts";
import { intakeTag, workerConnection } from "./names.ts";

const tag = intakeTag(`deaths-${randomUUID()}`);

/** A worker's connection, by whose name others see whether it lives. */
async function connected(session: string): Promise<Redis> {
  const redis = connect(inject("redisUrl"), "worker", () => {}, undefined, workerConnection(session));
  onTestFinished(() => redis.disconnect());
  await waitUntilReady(redis);
  return redis;
}

test("whoever had a job and is connected still is not dead, however long it says nothing; whoever is gone died at its place", async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  const before = await connected(first);
  const sessions = createSessions(await connected(second), tag, second);
  await createSessions(before, tag, first).place("webhooks:7", 3);
  expect(await sessions.inquire("webhooks:7", 5)).toBe(null);

  before.disconnect();
  const deaths = await sessions.inquire("webhooks:7", 5);
  expect([deaths?.at(3), deaths?.at(PLACES.all), deaths?.at(4)]).toEqual([1, 0, 0]);
  // The death is counted once, however often it is asked for.
  expect((await sessions.inquire("webhooks:7", 5))?.at(3)).toBe(1);
});

test("a job that nobody had, or that this very session had, has no deaths", async () => {
  const session = randomUUID();
  const sessions = createSessions(await connected(session), tag, session);
  expect(await sessions.inquire("webhooks:8", 1)).toBe(null);
  await sessions.place("webhooks:8", 0);
  expect(await sessions.inquire("webhooks:8", 1)).toBe(null);
});
