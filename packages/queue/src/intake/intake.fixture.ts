import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { inject } from "vitest";
import { openQueue, type Queue, type QueueOptions } from "../index.ts";
import type { Arrival } from "@sluice/record";
import { readIntakeNumbers, type IntakeNumbers } from "./books/numbers.ts";
import { readPlainly } from "./plain-reading.fixture.ts";
import type { Understander, Understanding } from "./understanding.ts";
import type { IntakeWebhook } from "./webhook.ts";

/** A door, workers whose understanding the test gives, and a look into Redis; in a namespace of its own. */
export type IntakePlace = {
  readonly redis: Redis;
  readonly tag: string;
  readonly namespace: string;
  readonly errors: string[];
  open(kind: QueueOptions["kind"], more?: Partial<QueueOptions>): Promise<Queue>;
  understand(options?: Partial<Understander> & { readonly unknownSourceAfterMs?: number }): Promise<Understanding>;
  /** Stores a webhook of the source with these event ids. */
  store(door: Queue, ids: readonly string[], more?: Partial<IntakeWebhook>): Promise<Arrival>;
  /** Resolves once `isTrue` holds for the books. */
  until(isTrue: (numbers: IntakeNumbers) => boolean): Promise<IntakeNumbers>;
  close(): Promise<void>;
};

export function openIntakePlace(): IntakePlace {
  const namespace = `intake-${randomUUID()}`;
  const redis = new Redis(inject("redisUrl"));
  const queues: Queue[] = [];
  const understandings: Understanding[] = [];
  const errors: string[] = [];
  const place: IntakePlace = {
    redis,
    namespace,
    tag: `{${namespace}:intake}`,
    errors,
    async open(kind, more = {}) {
      const queue = await openQueue({
        redisUrl: inject("redisUrl"),
        kind,
        destinations: ["crm"],
        dedupeWindowMs: 3_600_000,
        orderingHorizonMs: 3_600_000,
        namespace,
        onError: (error) => errors.push(error.message),
        ...more,
      });
      queues.push(queue);
      return queue;
    },
    async understand({ unknownSourceAfterMs = 3_600_000, digests = () => ({ erp: "d" }), read = readPlainly } = {}) {
      const queue = await place.open("worker");
      const understander = { digests, read };
      const options = { understander, unknownSourceAfterMs, nowMs: () => Date.now() };
      const understanding = await queue.intake.understand(options);
      understandings.push(understanding);
      return understanding;
    },
    async store(door, ids, more = {}) {
      return await door.intake.add(webhookOf(ids, more));
    },
    async until(isTrue) {
      const end = performance.now() + 120_000;
      for (;;) {
        // A door's connection may be broken at this moment, by a test or by the time that a busy machine takes.
        const numbers = await readIntakeNumbers(redis, place.tag);
        if (isTrue(numbers)) return numbers;
        if (performance.now() > end) throw new Error(`never came true of ${JSON.stringify(numbers)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async close() {
      await Promise.all(understandings.map(async (each) => await each.close()));
      await Promise.all(queues.map(async (queue) => await queue.close()));
      redis.disconnect();
    },
  };
  return place;
}

/** A webhook that came in now; a door gives it another arrival. */
export function webhookOf(ids: readonly string[], more: Partial<IntakeWebhook> = {}): IntakeWebhook {
  const body = JSON.stringify(ids);
  return {
    source: "erp",
    rank: 0,
    arrival: { micros: Date.now() * 1000, session: 1 },
    kept: { method: "POST", url: "/webhooks/erp", path: "/webhooks/erp", query: "", headers: [], body },
    ids,
    secretNumber: 1,
    run: 0,
    wait: null,
    ...more,
  };
}

/** The sum of all sources' numbers. */
export function sum(bySource: ReadonlyMap<string, number> | undefined): number {
  return [...(bySource?.values() ?? [])].reduce((total, count) => total + count, 0);
}
