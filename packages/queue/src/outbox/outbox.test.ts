import { randomUUID } from "node:crypto";
import { expect, inject, onTestFinished, test } from "vitest";
import { OUTBOX_WAITING } from "../limits.ts";
import { openQueue } from "../queue.ts";
import { NeverError } from "./never-error.ts";
import type { OutboxHandler, Outbox } from "./outbox.ts";

async function openOutbox(): Promise<Outbox> {
  const queue = await openQueue({
    redisUrl: inject("redisUrl"),
    kind: "door",
    destinations: [],
    dedupeWindowMs: 1000,
    orderingHorizonMs: 1000,
    namespace: `outbox-${randomUUID()}`,
    onError() {},
  });
  const outbox = await queue.outbox();
  onTestFinished(async () => {
    await outbox.close();
    await queue.close();
  });
  return outbox;
}

const nothing: OutboxHandler = { deliver: async () => {}, gaveUp: async () => {} };

test("a message is tried until it is taken, and its id is sent once", async () => {
  const outbox = await openOutbox();
  const tries: string[] = [];
  outbox.deliver({
    ...nothing,
    async deliver(id, message) {
      tries.push(`${id} ${message}`);
      if (tries.length === 1) throw new Error("away");
    },
  });
  expect(await outbox.add("one", "text")).toBe(true);
  await expect.poll(() => tries).toEqual(["one text", "one text"]);
  await outbox.add("one", "again");
  await outbox.add("two", "text");
  await expect.poll(() => tries).toEqual(["one text", "one text", "two text"]);
});

test("a message that can never be delivered is given up at once, and its handler is told", async () => {
  const outbox = await openOutbox();
  const told: string[] = [];
  let tries = 0;
  outbox.deliver({
    async deliver() {
      tries += 1;
      throw new NeverError("gone");
    },
    gaveUp: async (id, message, { message: why }) => void told.push(`${id} ${message}: ${why}`),
  });
  await outbox.add("one", "text");
  await expect.poll(() => told).toEqual(["one text: gone"]);
  expect(tries).toBe(1);
});

test("where too many messages wait, another one is left out, and its sender is told", async () => {
  const outbox = await openOutbox();
  const ids = Array.from({ length: OUTBOX_WAITING }, (_, at) => `id ${at}`);
  const added = await Promise.all(ids.map(async (id) => await outbox.add(id, "text")));
  expect(added.every(Boolean)).toBe(true);
  expect(await outbox.add("one more", "text")).toBe(false);
});
