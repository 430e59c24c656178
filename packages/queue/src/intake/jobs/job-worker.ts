import { Worker, type Job } from "bullmq";
import type { Redis } from "ioredis";
import { JOB_LOCK_MS, JOB_RETRY_MS, JOB_STALLED_EVERY_MS, METRICS_POINTS } from "../../limits.ts";
import type { IntakeQueue } from "../names.ts";

/** The data of each job as it stands in Redis, which BullMQ does not keep. */
const RAW = new WeakMap<Job, string>();

export function rawDataOf(job: Job): string {
  return RAW.get(job) ?? "";
}

/** A BullMQ worker to which no job is unreadable: a job whose data is no JSON gets none, and the processor sees to it. */
class JobWorker extends Worker {
  protected override createJob(...[json, id]: Parameters<Worker["createJob"]>): Job {
    let job: Job;
    try {
      job = super.createJob(json, id);
    } catch {
      job = super.createJob({ ...json, data: "null" }, id);
    }
    RAW.set(job, json.data);
    return job;
  }
}

export type JobWorkerOptions = {
  readonly redis: Redis;
  readonly tag: string;
  readonly name: IntakeQueue;
  readonly concurrency: number;
  readonly process: (job: Job, token: string) => Promise<void>;
  /** Called once Redis said that the job is completed. */
  readonly onCompleted: (job: Job) => void;
  readonly onError: (error: Error) => void;
};

/** Works on the jobs of one queue. A job has no last attempt, and the jobs of a killed process are taken over within seconds. */
export function createJobWorker(options: JobWorkerOptions): Worker {
  const { redis, tag, name, concurrency, process, onCompleted, onError } = options;
  const worker = new JobWorker(name, async (job, token) => await process(job, token ?? ""), {
    connection: redis,
    prefix: tag,
    concurrency,
    autorun: false,
    lockDuration: JOB_LOCK_MS,
    stalledInterval: JOB_STALLED_EVERY_MS,
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    runRetryDelay: JOB_RETRY_MS,
    drainDelay: 5,
    metrics: { maxDataPoints: METRICS_POINTS },
  });
  worker.on("completed", onCompleted);
  worker.on("error", onError);
  worker.on("failed", (_, error) => onError(error));
  return worker;
}
