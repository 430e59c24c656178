import { randomUUID } from "node:crypto";
import { afterEach, expect, inject, test } from "vitest";
import type { MappedEvent } from "@sluice/record";
import { openQueue, type Queue } from "./queue.ts";

const namespace = `bell-${randomUUID()}`;
const open: Queue[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function openAs(kind: "door" | "worker"): Promise<Queue> {
  const queue = await openQueue({
    redisUrl: inject("redisUrl"),
    kind,
    destinations: ["crm"],
    dedupeWindowMs: 3_600_000,
    orderingHorizonMs: 3_600_000,
    namespace,
    // What is closed so soon after it was opened complains of that.
    onError: () => {},
  });
  open.push(queue);
  return queue;
}

function event(id: string): MappedEvent {
  const change = {
    destination: "crm",
    object: "customer",
    key: { by: "external_id", value: id },
    version: { kind: "integer", value: 1n },
    effect: { kind: "fields", fields: new Map([["tier", "gold"]]) },
  } as const;
  const of = { id, type: "t", time: null, source: "erp", data: null, headers: {} };
  return { event: of, rank: 0, receivedAtMs: 0, changes: [change], faults: [] };
}

test("a worker that comes after all nudges hears the doorbell, which rang once for all that came in, also when the door has closed", async () => {
  const door = await openAs("door");
  await Promise.all(Array.from({ length: 50 }, async (_, index) => await door.admission.admit([event(`r${index}`)])));
  await open.pop()!.close();
  const worker = await openAs("worker");
  let rung = 0;
  const answered = Promise.withResolvers<void>();
  const bell = worker.answer("crm", async () => {
    rung += 1;
    answered.resolve();
  });
  await answered.promise;
  await bell.close();
  // Once for the doorbell, and once more when it was answered, for whoever rang meanwhile.
  expect(rung).toBeLessThanOrEqual(2);
});
