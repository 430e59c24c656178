import { Queue, RateLimitError, Worker } from "bullmq";
import type { Redis } from "ioredis";

/**
 * Doorbells are BullMQ jobs that name a record and carry nothing: they say that it has something
 * pending. One too many is answered by an empty claim; one lost is rung again by the sweep.
 */
export type Doorbells = {
  ring(records: readonly string[], delayMs: number): Promise<void>;
  /** When the oldest waiting doorbell rang (ms), or null. */
  oldestMs(): Promise<number | null>;
  /** Nobody in the fleet answers for this long; the doorbells keep their places. */
  hush(forMs: number): Promise<void>;
  close(): Promise<void>;
};

/** What came of answering: go on, or the lane is held and this doorbell must ring again later. */
export type Answer = { readonly kind: "answered" } | { readonly kind: "held"; readonly forMs: number };

const NAME = "doorbell";
/** Nothing is kept of a doorbell once it was answered: what happened stands in the journal. */
const JOB = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

export function createDoorbells(redis: Redis, tag: string): Doorbells {
  const queue = new Queue(NAME, {
    connection: redis,
    prefix: tag,
    skipVersionCheck: false,
    streams: { events: { maxLen: 100 } },
  });
  queue.on("error", () => {}); // the connection's own listener tells it
  return {
    async ring(records, delayMs) {
      await queue.addBulk(
        records.map((record) => ({ name: record, data: null, opts: { ...JOB, delay: Math.ceil(delayMs) } })),
      );
    },
    async oldestMs() {
      const [oldest] = await queue.getJobs(["waiting"], 0, 0, true);
      return oldest?.timestamp ?? null;
    },
    async hush(forMs) {
      await queue.rateLimit(forMs);
    },
    close: async () => await queue.close(),
  };
}

/** Answers doorbells until closed, `concurrency` at a time. */
export function answerDoorbells(
  redis: Redis,
  tag: string,
  options: {
    readonly concurrency: number;
    readonly hush: (forMs: number) => Promise<void>;
    readonly answer: (record: string) => Promise<Answer>;
    readonly onError: (error: Error) => void;
  },
): { close(): Promise<void> } {
  const worker = new Worker(
    NAME,
    async (job) => {
      const answer = await options.answer(job.name);
      if (answer.kind === "answered") return;
      await options.hush(answer.forMs);
      throw new RateLimitError();
    },
    {
      connection: redis,
      prefix: tag,
      concurrency: options.concurrency,
      // Without a limiter of its own a worker does not look at the fleet's rate limit key.
      limiter: { max: 1_000_000_000, duration: 1 },
      lockDuration: 60_000,
      stalledInterval: 30_000,
      // A doorbell that stalled was answered by a process that died: the next deploy may kill it again.
      maxStalledCount: 1000,
      drainDelay: 5,
      // How often a held worker looks again: a hold that ends early is noticed, and a stop need not wait it out.
      maximumRateLimitDelay: 500,
    },
  );
  worker.on("error", options.onError);
  worker.on("failed", (_, error) => options.onError(error));
  return { close: async () => await worker.close() };
}
