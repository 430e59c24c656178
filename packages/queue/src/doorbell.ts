import { Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { DOORBELL_LOCK_MS, DOORBELL_PAUSE_MS } from "./limits.ts";

/**
 * The doorbell of a lane is a BullMQ job that carries nothing: it says that something may be due, and `:due` says
 * what. There is one at most, so however much comes in, ringing costs next to nothing. One too many is answered by an
 * empty claim; one lost is made up for by workers that look by themselves. Idle workers are also nudged by the admission
 * itself, over a channel of the lane.
 */
export type Doorbell = {
  ring(): Promise<void>;
  close(): Promise<void>;
};

const NAME = "doorbell";
/** Nothing is kept of a doorbell once it was answered: what happened stands in the journal. */
const JOB = { jobId: "bell", attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

export function createDoorbell(redis: Redis, tag: string): Doorbell {
  const queue = new Queue(NAME, {
    connection: redis,
    prefix: tag,
    skipVersionCheck: false,
    streams: { events: { maxLen: 100 } },
  });
  queue.on("error", () => {}); // the connection's own listener tells it
  return {
    async ring() {
      await queue.add(NAME, null, JOB);
    },
    close: async () => await queue.close(),
  };
}

/**
 * Answers the doorbell until closed. `answer` looks what is due; its promise resolves when nothing is left that this process
 * could take.
 */
export function answerDoorbell(
  redis: Redis,
  tag: string,
  options: { readonly answer: () => Promise<void>; readonly onError: (error: Error) => void },
): { close(): Promise<void> } {
  const nudges = redis.duplicate();
  nudges.on("error", options.onError);
  nudges.on("message", () => void options.answer());
  nudges.subscribe(`${tag}:bell`).catch(options.onError);
  const worker = new Worker(
    NAME,
    async () => {
      // While this one is not answered no other can be rung, and a busy process need not be told again and again.
      const answered = options.answer();
      await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, DOORBELL_PAUSE_MS))]);
    },
    {
      connection: redis,
      prefix: tag,
      concurrency: 1,
      lockDuration: DOORBELL_LOCK_MS,
      stalledInterval: DOORBELL_LOCK_MS,
      // A doorbell that stalled was answered by a process that died: the next deploy may kill it again.
      maxStalledCount: 1000,
      drainDelay: 5,
    },
  );
  // Whoever rang between the last look and the end of this one was not heard.
  worker.on("completed", () => void options.answer());
  worker.on("error", options.onError);
  worker.on("failed", (_, error) => options.onError(error));
  return {
    async close() {
      nudges.disconnect();
      await worker.close();
    },
  };
}
