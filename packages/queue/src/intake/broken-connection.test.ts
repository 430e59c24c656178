import { once } from "node:events";
import type { Redis } from "ioredis";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import type { MappedEvent } from "@sluice/record";
import { connect, waitUntilReady } from "../connection/connection.ts";
import type { MergedEvent } from "../merging/merging.ts";
import type { Queue } from "../queue.ts";
import { watchBreaks } from "../state/connection-breaks.ts";
import { openIntakePlace, type IntakePlace } from "./intake.fixture.ts";
import { intakeBooks } from "./books/numbers.ts";
import { readPlainly } from "./plain-reading.fixture.ts";
import { startUnderstanding } from "./understanding.ts";

/**
 * A connection that ends may come back to another state: a replica that lagged, a copy that was put back. There a job may stand as
 * begun whose merges nobody knows. Once, such a job was completed, and what had been acknowledged with it was gone.
 */
let place: IntakePlace;
let door: Queue;
beforeEach(async () => {
  place = openIntakePlace();
  door = await place.open("door");
});
afterEach(async () => await place.close());

type Moments = { readonly onMerged?: () => Promise<void>; readonly onBooked?: () => void };

/** Understands with merges that the test notes, and breaks a connection at a moment of the first job. */
async function understand(
  momentsOf: (redis: Redis, blocking: Redis) => Moments,
): Promise<{ readonly merged: readonly (readonly string[])[]; readonly close: () => Promise<void> }> {
  const redis = connect(inject("redisUrl"), "worker", () => {});
  const blocking = connect(inject("redisUrl"), "worker", () => {});
  await Promise.all([waitUntilReady(redis), waitUntilReady(blocking)]);
  const connections = watchBreaks([redis, blocking]);
  const merged: string[][] = [];
  const moments = momentsOf(redis, blocking);
  const mergeEach = async (events: readonly MappedEvent[]): Promise<readonly MergedEvent[]> => {
    merged.push(events.map(({ event }) => event.id));
    if (merged.length === 1) await moments.onMerged?.();
    return events.map(() => ({ word: "accepted", changes: [], faults: [] }));
  };
  const understanding = await startUnderstanding(
    {
      redis,
      blocking,
      tag: place.tag,
      session: "w",
      isAlone: false,
      forgotten: { clear: async () => {} },
      isRecovering: () => false,
      unbroken: connections.begin,
      merging: { mergeEach, merge: async (events) => (await mergeEach(events)).map(({ word }) => word) },
      isFull: () => false,
      onError: () => {},
    },
    {
      understander: { digests: () => ({ erp: "d" }), read: readPlainly },
      unknownSourceAfterMs: 3_600_000,
      nowMs: Date.now,
      onBooked() {
        if (merged.length === 1) moments.onBooked?.();
      },
    },
  );
  const close = async (): Promise<void> => {
    await understanding.close();
    connections.close();
    redis.disconnect();
    blocking.disconnect();
  };
  return { merged, close };
}

test("a job whose connection broke after its merges is understood once more before it is completed, and booked once", async () => {
  const { merged, close } = await understand((redis) => ({
    async onMerged() {
      const broken = once(redis, "close");
      await place.redis.client("KILL", "ID", String(await redis.client("ID")));
      await broken;
    },
  }));
  await place.store(door, ["a", "b"]);
  const numbers = await place.until(({ jobs }) => jobs.completed === 1);
  expect(merged).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
  expect(intakeBooks(numbers)).toMatchObject({ balanced: true, events: [{ understood: 2 }] });
  await close();
});

test("a job that is completed on another connection than it was booked on is added again", async () => {
  const { merged, close } = await understand((_, blocking) => ({ onBooked: () => blocking.disconnect(true) }));
  await place.store(door, ["a", "b"]);
  await place.until(({ jobs }) => jobs.completed === 2);
  expect(merged).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
  await close();
});

test("a job whose merges failed is nobody's until it is tried again: a worker that dies meanwhile did not die at it", async () => {
  const { merged, close } = await understand(() => ({
    async onMerged() {
      throw new Error("no server of the cluster has the keys now");
    },
  }));
  await place.store(door, ["a"]);
  await place.until(({ jobs }) => jobs.delayed === 1);
  expect(await place.redis.hgetall(`${place.tag}:working`)).toEqual({});
  await place.until(({ jobs }) => jobs.completed === 1);
  expect(merged).toEqual([["a"], ["a"]]);
  await close();
});

test("a job is understood once while its connections stand", async () => {
  const { merged, close } = await understand(() => ({}));
  await place.store(door, ["a", "b"]);
  await place.until(({ jobs }) => jobs.completed === 1);
  expect(merged).toHaveLength(1);
  await close();
});

test("a worker that is closed while its connections break is closed all the same", async () => {
  for (let time = 0; time < 3; time += 1) {
    const own = openIntakePlace();
    await own.open("door");
    const understanding = await own.understand();
    await own.store(await own.open("door"), ["a"]);
    await own.until(({ jobs }) => jobs.completed === 1);
    const blocked = new RegExp(`^id=(\\d+) .* name=${own.tag}:`, "gm");
    const ids = [...String(await own.redis.client("LIST")).matchAll(blocked)].map(([, id]) => id!);
    expect(ids).toHaveLength(3);
    for (const id of ids) await own.redis.client("KILL", "ID", id);
    // Some are gone by now, and none is there again.
    await understanding.close();
    await own.close();
  }
});
