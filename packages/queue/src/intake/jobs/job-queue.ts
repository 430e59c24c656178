import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { JOB_ATTEMPTS, JOB_RETRY_MS } from "../../limits.ts";
import type { IntakeQueue } from "../names.ts";

/** A queue of the intake, to which jobs are added. */
export type JobQueue = {
  /**
   * @param value the job's data, see job-data.ts
   * @param isAgain it was added before, and the state has gone back since
   */
  add(value: unknown, isAgain?: boolean): Promise<void>;
  close(): Promise<void>;
};

/** The name of a job that was added again. */
export const AGAIN = "again";

/** A job is tried again until it is understood: no fault of ours ends it. */
const JOB = {
  attempts: JOB_ATTEMPTS,
  backoff: { type: "fixed", delay: JOB_RETRY_MS },
  removeOnComplete: true,
  removeOnFail: false,
} as const;

export async function openJobQueue(redis: Redis, tag: string, name: IntakeQueue): Promise<JobQueue> {
  const queue = new Queue(name, { connection: redis, prefix: tag, streams: { events: { maxLen: 100 } } });
  queue.on("error", () => {}); // the connection's own listener tells it
  await queue.waitUntilReady();
  return {
    add: async (value, isAgain = false) => void (await queue.add(isAgain ? AGAIN : "w", value, JOB)),
    close: async () => await queue.close(),
  };
}
