import { setTimeout as wait } from "node:timers/promises";
import { Queue, UnrecoverableError, Worker, type Job } from "bullmq";
import type { Redis } from "ioredis";
import {
  CLOSE_MS,
  OUTBOX_AT_ONCE,
  OUTBOX_ATTEMPTS,
  OUTBOX_DELIVERED_S,
  OUTBOX_FAILED,
  OUTBOX_FIRST_WAIT_MS,
  OUTBOX_LOCK_MS,
  OUTBOX_WAITING,
} from "../limits.ts";
import { NeverError } from "./never-error.ts";

/** Messages to somebody outside, delivered by one of the processes that offer to, and tried again for two hours. */
export type Outbox = {
  /** Adds a message. The same id again adds nothing. @returns false: too many wait, and it is left out */
  add(id: string, message: string): Promise<boolean>;
  /** Begins to deliver in this process. */
  deliver(handler: OutboxHandler): void;
  close(): Promise<void>;
};

export type OutboxHandler = {
  /** @throws when it could not be delivered: it is tried again, unless the error is a `NeverError` */
  deliver(id: string, message: string): Promise<void>;
  /** Called when a message is not tried any more. */
  gaveUp(id: string, message: string, error: Error): Promise<void>;
};

const NAME = "outbox";

/** @param open a connection that waits for Redis as a worker's does; it is closed with the outbox */
export function createOutbox(open: () => Redis, tag: string, onError: (error: Error) => void): Outbox {
  const redis = open();
  const queue = new Queue<string>(NAME, { connection: redis, prefix: tag, streams: { events: { maxLen: 100 } } });
  queue.on("error", () => {}); // the connection's own listener tells it
  let worker: Worker<string> | null = null;

  async function process(job: Job<string>, handler: OutboxHandler): Promise<void> {
    try {
      await handler.deliver(idOf(job), job.data);
    } catch (error) {
      if (error instanceof NeverError) throw new UnrecoverableError(error.message);
      throw error;
    }
  }

  return {
    async add(id, message) {
      const { waiting = 0, delayed = 0, active = 0 } = await queue.getJobCounts("waiting", "delayed", "active");
      if (waiting + delayed + active >= OUTBOX_WAITING) return false;
      await queue.add("message", message, {
        jobId: id,
        attempts: OUTBOX_ATTEMPTS,
        backoff: { type: "exponential", delay: OUTBOX_FIRST_WAIT_MS, jitter: 0.5 },
        removeOnComplete: { age: OUTBOX_DELIVERED_S, count: OUTBOX_WAITING },
        removeOnFail: { count: OUTBOX_FAILED },
      });
      return true;
    },
    deliver(handler) {
      worker = new Worker<string>(NAME, async (job) => await process(job, handler), {
        connection: redis,
        prefix: tag,
        concurrency: OUTBOX_AT_ONCE,
        lockDuration: OUTBOX_LOCK_MS,
        // A try is over before its lock is. BullMQ's renewal goes on for ever where a worker is closed while its Redis is away.
        skipLockRenewal: true,
        // A process that died at a message is no reason to give it up.
        maxStalledCount: OUTBOX_ATTEMPTS,
        drainDelay: 5,
      });
      worker.on("error", onError);
      worker.on("failed", (job, error) => {
        if (job === undefined) return;
        const isOver = error instanceof UnrecoverableError || job.attemptsMade >= OUTBOX_ATTEMPTS;
        if (isOver) handler.gaveUp(idOf(job), job.data, error).catch(onError);
      });
    },
    async close() {
      const end = async (): Promise<void> => {
        // While Redis is away a worker waits for the end of a connection that has none to end.
        await worker?.close(redis.status !== "ready");
        await queue.close();
      };
      // A Redis that is away answers none of these commands.
      await Promise.race([end(), wait(CLOSE_MS, undefined, { ref: false })]).catch(onError);
      redis.disconnect();
    },
  };
}

function idOf({ id }: Job): string {
  return id ?? "";
}
